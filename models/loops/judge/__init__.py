"""The judge: can anything tell our loops from real ones, and by what?

Both sides are written as .mid and read back (`piece`), measured by theme (`rhythm`, `repeats`,
`melody`, `pitches`, `voices`, `drums`, `band`, `harmony`; collected by `features`), and told apart
by trees (`trees`) and by a network that reads them slot by slot (`reader`), folds by song.
`verdict` counts how often they are right, with intervals, and lists the features that tell most.
`sides` asks for the loops, `report` prints and saves the tables.

    python -m judge [quick] [weights.onnx]
"""
