"""The proposer's words: a progression as pieces of text, and the prompt that steers it.

A bar is one to four slots that share it equally, a comma between them; a bar line stands between
bars, and ``-`` says that the chord before goes on: ``C:maj|F:maj,G:7/3|A:min,-,-,G:sus4``. All of
it is written above C, and each root, content and bass is one piece, so that the same pieces are a
model's tokens and a grammar's letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from bandmate.chords.progression import BarOfChords
from bandmate.chords.steering import CHORD_GENRES, NUMBERS, STEPS, Steering
from bandmate.chords.vocabulary import CONTENTS, NONE_ROOT, chord_of, numbers_of
from bandmate.errors import AskError
from bandmate.music.chord import Chord, split_chords
from bandmate.music.key import MODES
from bandmate.style.genres import SECTIONS

MOST_BARS = 16
"""Bars of a progression that the proposer can be asked for."""
CONTEXT_BARS = 8
"""Bars before it, and behind it, that it is told of."""

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B", "N")
_BASSES = ("", "/b2", "/2", "/b3", "/3", "/4", "/b5", "/5", "/b6", "/6", "/b7", "/7")

CONTROLS: tuple[str, ...] = (
    "<none>", "<begin>", "<end>", "<before>", "<after>", "<write>", "<duple>", "<triple>",
    *(f"<mode {mode}>" for mode in MODES),
    *(f"<genre {genre}>" for genre in CHORD_GENRES),
    *(f"<section {section}>" for section in SECTIONS),
    *(f"<{name} {step}>" for name in NUMBERS for step in range(STEPS)),
    *(f"<bars {bars}>" for bars in range(1, MOST_BARS + 1)),
)  # fmt: skip
"""Pieces that only a prompt holds (and ``<end>``, which ends what is written)."""
PIECES: tuple[str, ...] = (
    *CONTROLS,
    *("|", ",", "-"),
    *_ROOTS,
    *(f":{content}" for content in CONTENTS),
    *_BASSES[1:],
)
"""Every piece, by its token."""
TOKENS = {piece: token for token, piece in enumerate(PIECES)}
NONE, BEGIN, ENDED = TOKENS["<none>"], TOKENS["<begin>"], TOKENS["<end>"]


def bars_to_pieces(bars: Sequence[BarOfChords], last: Chord | None = None) -> list[str]:
    """Return the pieces of bars above C, *last* the chord that sounded before them."""
    pieces: list[str] = []
    for index, bar in enumerate(bars):
        if index:
            pieces.append("|")
        for number, chord in enumerate(bar):
            if number:
                pieces.append(",")
            pieces += ["-"] if chord == last else _chord_to_pieces(chord)
            last = chord
    return pieces


def _chord_to_pieces(chord: Chord) -> list[str]:
    root, content, bass = numbers_of(chord)
    if root == NONE_ROOT:
        return ["N"]
    return [_ROOTS[root], ":" + CONTENTS[content], *([_BASSES[bass]] if bass else [])]


def pieces_to_bars(text: str, last: Chord | None = None) -> tuple[BarOfChords, ...]:
    """Return the bars of a text as ``bars_to_pieces`` writes it; raises AskError."""
    bars = []
    for bar in text.split("|"):
        chords = []
        for slot in split_chords(bar):
            if slot != "-":
                last = Chord.parse(slot)
            if last is None:
                raise AskError("a progression must start with a chord, not with -")
            chords.append(last)
        bars.append(tuple(chords))
    return tuple(bars)


def prompt_pieces(
    steering: Steering,
    mode: str | None,
    is_triple: bool | None,
    bars: int,
    *,
    before: Sequence[BarOfChords] = (),
    after: Sequence[BarOfChords] = (),
) -> list[str]:
    """Return the prompt of an ask, all above C; what is None is left open."""
    pieces = ["<begin>"]
    if mode is not None:
        pieces.append(f"<mode {mode}>")
    if is_triple is not None:
        pieces.append("<triple>" if is_triple else "<duple>")
    if steering.genre is not None:
        pieces.append(f"<genre {steering.genre}>")
    if steering.section is not None:
        pieces.append(f"<section {steering.section}>")
    for name in NUMBERS:
        step = getattr(steering, name)
        if step is not None:
            pieces.append(f"<{name} {step}>")
    pieces.append(f"<bars {bars}>")
    if after:
        pieces += ["<after>", *bars_to_pieces(after[:CONTEXT_BARS])]
    if before:
        pieces += ["<before>", *bars_to_pieces(before[-CONTEXT_BARS:])]
    return [*pieces, "<write>"]


def tokens_of(pieces: Sequence[str]) -> list[int]:
    """Return the tokens of pieces."""
    return [TOKENS[piece] for piece in pieces]


assert len(TOKENS) == len(PIECES)
assert all(chord_of(0, number, 0) for number in range(len(CONTENTS)))
