"""Inspiration -> keywords: text, pictures, sound and MIDI, read in a process of their own.

``inspiration`` (what is asked and answered), ``text.words`` and ``text.negation`` are pure. All
else needs numpy, onnxruntime or a reader of files, and is opened only in the worker.
"""
