"""What the commands tell: as JSON, on a terminal and into the files that a person names."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bandmate.asks.notation import chords_to_text
from bandmate.errors import FileError

if TYPE_CHECKING:
    from rich.console import Console

    from bandmate.chords.requests import Suggestion
    from bandmate.compose.chords import Answer, ChordProgress
    from bandmate.compose.loops import Progress
    from bandmate.music.key import Key
    from bandmate.takes.store import Take
    from bandmate.timing.player.calibrating import Offset

WIDEST = 120
"""Columns that are used at the most."""


# files


def checked_output(output: Path | None) -> Path | None:
    """Return where the takes are to go; raises FileError before the work, not behind it."""
    if output is None:
        return None
    try:
        if not output.parent.is_dir():
            raise FileError(f"{output} cannot be written: there is no folder {output.parent}")
        if output.exists() and not output.is_file():
            kind = "a folder" if output.is_dir() else "no plain file"
            raise FileError(f"{output} cannot be written: it is {kind}")
    except OSError as error:
        raise FileError(f"{output} cannot be written: {error.strerror}") from error
    return output


def written(take: Take, output: Path | None, index: int) -> Path:
    """Return the file of a take: its own, or *output*, numbered from the second take on."""
    if output is None:
        return take.file
    from bandmate.music import midifile

    file = output.with_stem(f"{output.stem}-{index + 1}") if index else output
    try:
        midifile.write(take.clip, file)
    except FileError as error:
        raise FileError(f"{error}; the take is kept as {take.file}") from error
    return file


# loops


def told_take(take: Take, file: Path) -> dict[str, object]:
    """Return a loop as ``--json`` tells it."""
    clip = take.clip
    return {
        "take": take.number,
        "seed": take.seed,
        "file": str(file.absolute()),
        "tempo": clip.tempo,
        "key": str(clip.key),
        "meter": str(clip.meter),
        "bars": clip.bars,
        "chords": chords_to_text(clip.chords, clip.meter, clip.bars),
        "parts": [
            {
                "name": part.name,
                "role": part.role,
                "program": part.program,
                "notes": len(part.notes),
            }
            for part in clip.parts
        ],
        "first_bar_ms": take.first_bar_ms,
        "made_ms": take.made_ms,
        "model": take.model,
    }


def show_takes(takes: Iterable[Take], files: Iterable[Path]) -> None:
    """Print loops as piano rolls."""
    from bandmate.app.piano_roll import roll

    console = _console()
    for take, file in zip(takes, files, strict=True):
        is_ascii = console.options.ascii_only
        console.print(roll(take.clip, min(console.width, WIDEST), is_ascii), "", sep="\n")
        print(
            f"take {take.number}, seed {take.seed}, made in {take.made_ms / 1000:.1f} s: {file}\n"
        )


# chords


def told_answer(answer: Answer, files: Iterable[Path]) -> dict[str, object]:
    """Return the answer to an ask for chords as ``--json`` tells it."""
    words = [
        {"word": word.word, "weight": word.weight, "locked": word.is_locked}
        for word in answer.keywords
    ]
    return {
        "key": str(answer.key),
        "proposer": answer.proposer,
        "keywords": words,
        "cards": [_told_card(*pair) for pair in zip(answer.takes, files, strict=True)],
        "notes": list(answer.notes),
    }


def _told_card(take: Take, file: Path) -> dict[str, object]:
    of_take = {
        "take": take.number,
        "seed": take.seed,
        "file": str(file.absolute()),
        "tempo": take.clip.tempo,
        "meter": str(take.clip.meter),
        "bars": take.clip.bars,
    }
    return {**(take.card or {}), **of_take}


def show_answer(answer: Answer, files: Iterable[Path]) -> None:
    """Print keywords and key, then each card as a chart with the reasons for it."""
    from bandmate.app.chord_chart import chart, filled, reasons
    from bandmate.style.keywords import keywords_to_text

    width = min(_console().width, WIDEST)
    if answer.keywords:
        words = keywords_to_text(answer.keywords).replace(",", ", ")
        print(filled("keywords: ", words, width))
    print(f"key: {answer.key.name}\n")
    for card, take, file in zip(answer.cards, answer.takes, files, strict=True):
        print("\n".join(chart(card.symbols, card.romans, width)))
        why = reasons(
            is_accepted=card.is_accepted,
            ratio=card.ratio,
            borrowed=card.borrowed,
            answers=card.answers,
        )
        print(filled("  ", why, width))
        print(f"  take {take.number}, by {card.proposer}: {file}\n")


def show_heard(answer: Answer, files: Iterable[Path]) -> None:
    """Print the chords that were heard as charts."""
    from bandmate.app.chord_chart import chart

    width = min(_console().width, WIDEST)
    for card, take, file in zip(answer.cards, answer.takes, files, strict=True):
        print(f"{answer.key.name}, {take.clip.tempo:.4g} BPM, {take.clip.meter}\n")
        print("\n".join(chart(card.symbols, card.romans, width)))
        print(f"\n  take {take.number}: {file}")


def told_suggestions(suggestions: Iterable[Suggestion], key: Key) -> dict[str, object]:
    """Return the chords that could come next as ``--json`` tells them."""
    return {"key": str(key), "suggestions": [_told_suggestion(s, key) for s in suggestions]}


def _told_suggestion(suggestion: Suggestion, key: Key) -> dict[str, Any]:
    from bandmate.music.roman import chord_to_roman

    return {
        "chord": str(suggestion.chord),
        "symbol": suggestion.chord.symbol(key),
        "roman": chord_to_roman(suggestion.chord, key),
        "probability": round(suggestion.probability, 4),
    }


def show_suggestions(suggestions: Iterable[Suggestion], key: Key) -> None:
    """Print the chords that could come next, the likeliest first."""
    rows = [_told_suggestion(suggestion, key) for suggestion in suggestions]
    wide = [max((len(row[name]) for row in rows), default=0) for name in ("symbol", "roman")]
    print(f"key: {key.name}")
    for row in rows:
        names = f"{row['symbol']:<{wide[0]}}  {row['roman']:<{wide[1]}}"
        print(f"  {names}  {row['probability']:6.1%}")


def show_offset(found: Offset, latency: float) -> None:
    """Print how far off clicks came, and the setting that mends it."""
    when = "late" if found.milliseconds >= 0 else "early"
    print(
        f"{found.count} clicks came {abs(found.milliseconds):.1f} ms {when}, "
        f"all within {found.spread:.1f} ms"
    )
    print(f"what mends it, in config.yaml: `latency_ms: {round(latency, 1):g}`")


# while it works


@contextlib.contextmanager
def telling_bars() -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows, on a terminal, which bar was written last."""
    from bandmate.compose.loops import BarMade

    with _status("opening the loop model") as update:

        def told(news: Progress) -> None:
            if isinstance(news, BarMade):
                update(f"take {news.take + 1}: bar {news.bar + 1} of {news.bars}")

        yield told


@contextlib.contextmanager
def telling_cards() -> Iterator[Callable[[ChordProgress], None]]:
    """Give a function that shows, on a terminal, how far the cards are."""
    from bandmate.compose.chords import CardMade, KeywordsFound
    from bandmate.style.keywords import keywords_to_text

    with _status("opening the co-writer") as update:

        def told(news: ChordProgress) -> None:
            if isinstance(news, KeywordsFound):
                update(f"keywords: {keywords_to_text(news.keywords)}")
            elif isinstance(news, CardMade):
                update(f"card {news.index + 1}")

        yield told


@contextlib.contextmanager
def telling_count(whole: int) -> Iterator[Callable[[int], None]]:
    """Give a function that shows, on a terminal, how many progressions are written."""
    with _status("opening the proposer") as update:
        yield lambda count: update(f"{count} of {whole} progressions")


@contextlib.contextmanager
def _status(words: str) -> Iterator[Callable[[str], None]]:
    """Give a function that says, on a terminal alone, what is being done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with _console(is_stderr=True).status(words) as status:
        yield status.update


def _console(is_stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=is_stderr, highlight=False, soft_wrap=False)
