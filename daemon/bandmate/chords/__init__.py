"""The chord co-writer: keywords -> proposals -> acceptance -> cards, and cards -> music.

After Y. Kim, S.-J. Lee and C. Donahue (2025), "Amuse: Human-AI Collaborative Songwriting with
Multimodal Inspirations", CHI. Its modules that need numpy or llama.cpp (``prior`` and
``proposer/``) are opened only in a worker; all else is pure.
"""
