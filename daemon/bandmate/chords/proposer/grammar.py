"""GBNF grammars, in which llama.cpp writes: whatever comes out is a progression of so many bars."""

from __future__ import annotations

from collections.abc import Iterable

from bandmate.chords.proposer.pieces import CONTROLS, PIECES

_MARKS = ("|", ",", "-")


def grammar_of(bars: int, is_triple: bool, is_going_on: bool = False) -> str:
    """Return the grammar of *bars* bars in the pieces of our own proposer.

    A bar has one, two or four slots, or one or three where it is in three; *is_going_on* lets the
    first slot be held from a bar before. Songs fall silent (``N``), cards do not.
    """
    written = [piece for piece in PIECES if piece not in CONTROLS and piece not in _MARKS]
    roots = [p for p in written if p[0] not in ":/" and p != "N"]
    contents = [p for p in written if p.startswith(":")]
    basses = [p for p in written if p.startswith("/")]
    more = ('"," slot "," slot',) if is_triple else ('"," slot', '"," slot "," slot "," slot')
    rest = " | ".join(more)
    opening = "slot" if is_going_on else "chord"
    lines = [
        "root ::= first" + ' "|" bar' * (bars - 1),
        f"first ::= {opening} ({rest})?",
        f"bar ::= slot ({rest})?",
        'slot ::= chord | "-"',
        "chord ::= note content bass?",
        f"note ::= {_any(roots)}",
        f"content ::= {_any(contents)}",
        f"bass ::= {_any(basses)}",
    ]
    return "\n".join(lines)


def lines_of_symbols(lines: int, bars: int, symbols: Iterable[str]) -> str:
    """Return the grammar of numbered lines of chord symbols, one a bar, for a general model."""
    line = '" " chord' + ' " | " chord' * (bars - 1) + ' "\\n"'
    numbered = " ".join(f'"{number}." line' for number in range(1, lines + 1))
    return f"root ::= {numbered}\nline ::= {line}\nchord ::= {_any(symbols)}"


def _any(texts: Iterable[str]) -> str:
    # The longest first: a reader that takes the first that fits then takes the whole.
    return " | ".join(f'"{text}"' for text in sorted(texts, key=lambda text: (-len(text), text)))
