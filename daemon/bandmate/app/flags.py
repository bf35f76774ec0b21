"""The flags of the command line: from the same tables as what is asked and set on every wire."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from bandmate import __version__
from bandmate.asks.chords import CHORD_FIELDS
from bandmate.asks.loop import FIELDS
from bandmate.chords.proposal_statistics import ENOUGH
from bandmate.config import SETTINGS, Settings, read_settings
from bandmate.contract.actions import ACTIONS
from bandmate.contract.rows import SUGGEST, TRANSCRIBE
from bandmate.errors import AskError, nearest
from bandmate.fields import Field, OneOf, Real, Whole, read_pairs

_WIRES_ALONE = {"play", "at", "insert", "notes", "reply", "in_key"}
_WIRES_ALONE_OF_CHORDS = {"play", "insert", "reply"}
_GROUPS = (
    ("What it is", "bars tempo meter key parts genre section preset keywords energy card chords"),
    ("How it sounds: a number for all, part=number for some, a curve from bar to bar",
     "density pitch register velocity duration polyphony swing curve strictness feel time_feel"),
    ("Longer than a loop", "form loop"),
    ("From a clip that is there: bars count from 1, bass:3-4 is the bass in bars 3 and 4",
     "context take like between keep refill vary lock add remove shift continues"),
    ("How it is dealt", "seed takes temperature top_k top_p model"),
)  # fmt: skip
"""How the help of a loop is laid out."""
MEASURE = (
    Field("count", Whole(200, 20_000), "progressions that the proposer writes", str(ENOUGH)),
)
"""What can be said of measuring a proposer."""
CALIBRATE = (
    Field("source", OneOf(("internal", "clock", "link")),
          "whose beats the clicks are on: ours, your host's MIDI clock, or Link", "internal"),
    Field("bars", Whole(1, 16), "bars of clicks", "4"),
    Field("tempo", Real(40, 240), "quarter notes per minute, where we lead", "120"),
)  # fmt: skip
"""What can be said of measuring a host."""
_MIDI = ("midi_api", "midi_client", "midi_port")


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one sentence, an AskError."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - whatever argparse takes
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse says as our own error."""
        raise AskError(message)

    @property
    def flags(self) -> list[str]:
        """Every flag that is known, as it is typed."""
        return [flag for action in self._actions for flag in action.option_strings]


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return what was typed: ``command`` and its flags; raises AskError in words."""
    typed = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    if not typed[0].startswith("-") and typed[0] not in COMMANDS:
        raise AskError(f"there is no command {typed[0]!r}, try {nearest(typed[0], COMMANDS)}")
    parser = Parser(prog="bandmate", description="Co-writes MIDI with you in your DAW.")
    parser.add_argument("--version", action="version", version=f"bandmate {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    added = {}
    for name, (words, add_flags) in COMMANDS.items():
        added[name] = commands.add_parser(name, help=words, description=words)
        add_flags(added[name])
    said, rest = parser.parse_known_args(typed)
    if rest and rest[0].startswith("-"):
        known = added[said.command].flags
        flag = rest[0].partition("=")[0]
        raise AskError(f"{said.command} has no flag {flag}, try {nearest(flag, known)}")
    if rest:
        raise AskError(f"{said.command} does not know what to do with {rest[0]!r}")
    return said


def asked_pairs(said: argparse.Namespace) -> list[tuple[str, object]]:
    """Return what was said of a loop as name, value pairs, as a wire brings it."""
    pairs = _said(said, (field for field in FIELDS if field.name not in _WIRES_ALONE))
    # Whoever reads the file may stand in another folder.
    told = [(name, _absolute(value) if name == "context" else value) for name, value in pairs]
    return [*told, ("in_key", "off")] if said.free else told


def chord_pairs(said: argparse.Namespace) -> list[tuple[str, object]]:
    """Return what was said of chords as name, value pairs, as a wire brings it."""
    return _said(said, (f for f in CHORD_FIELDS if f.name not in _WIRES_ALONE_OF_CHORDS))


def heard_pairs(said: argparse.Namespace) -> dict[str, object]:
    """Return what was said of chords that are to be heard, read; raises AskError."""
    return read_pairs(_said(said, TRANSCRIBE), TRANSCRIBE)


def next_pairs(said: argparse.Namespace) -> dict[str, object]:
    """Return what was said of a chord that is to come, read; raises AskError."""
    return read_pairs(_said(said, SUGGEST), SUGGEST)


def measured_count(said: argparse.Namespace) -> int:
    """Return how many progressions a proposer is to be measured by; raises AskError."""
    count = read_pairs(_said(said, MEASURE), MEASURE).get("count", ENOUGH)
    assert isinstance(count, int)
    return count


@dataclass(frozen=True)
class ClicksAsked:
    """How a host is to be measured."""

    source: str = "internal"
    bars: int = 4
    tempo: float = 120.0


def clicks_asked(said: argparse.Namespace) -> ClicksAsked:
    """Return how a host is to be measured, read; raises AskError."""
    pairs: dict[str, Any] = read_pairs(_said(said, CALIBRATE), CALIBRATE)
    return ClicksAsked(**pairs)


def settings_of(said: argparse.Namespace) -> Settings:
    """Return the settings with what was said of them; raises AskError, FileError."""
    return read_settings(said_settings(said))


def said_settings(said: argparse.Namespace) -> dict[str, object]:
    """Return what was said of the settings, by name, unread."""
    return dict(_said(said, SETTINGS))


def _said(said: argparse.Namespace, fields: Iterable[Field]) -> list[tuple[str, object]]:
    typed = ((field, getattr(said, field.name, None)) for field in fields)
    return [(field.name, _value(field, text)) for field, text in typed if text is not None]


def _absolute(value: object) -> object:
    return str(Path(value).absolute()) if isinstance(value, str) and value else value


def _value(field: Field, text: str) -> object:
    """Return a number where one is wanted and typed, so that an error shows it as a number."""
    if isinstance(field.range, Whole | Real):
        for kind in (int, float):
            with contextlib.suppress(ValueError):
                return kind(text)
    return text


def _add_fields(parser: Parser | argparse._ArgumentGroup, fields: Iterable[Field]) -> None:
    for field in fields:
        words = f"{field.words} ({field.range.words}); default: {field.default}"
        is_flag = field.range.words == "on or off"
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            metavar=field.name.upper(),
            help=words.replace("%", "%%"),
            nargs="?" if is_flag else None,
            const="on" if is_flag else None,
        )


def _setting(*names: str) -> Callable[[Parser], None]:
    chosen = [field for field in SETTINGS if field.name in names]
    return lambda parser: _add_fields(parser, chosen)


def _loop(parser: Parser) -> None:
    parser.usage = "bandmate loop [FLAGS], such as: bandmate loop --preset tight-funk --key A:min"
    fields = {field.name: field for field in FIELDS}
    for title, names in _GROUPS:
        _add_fields(parser.add_argument_group(title), (fields[name] for name in names.split()))
    parser.add_argument("--free", action="store_true", help="let notes leave the key and chords")
    words = "write the .mid here too; further takes go to FILE-2, FILE-3..."
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=words)
    parser.add_argument("--json", action="store_true", help="tell of the takes in JSON")
    _setting("device", "threads", "clips")(parser)


def _chords(parser: Parser) -> None:
    fields = [field for field in CHORD_FIELDS if field.name not in _WIRES_ALONE_OF_CHORDS]
    _add_word(parser, *(field for field in fields if field.name == "text"))
    _add_fields(parser, (field for field in fields if field.name != "text"))
    words = "write the first card's .mid here too; further cards go to FILE-2, FILE-3..."
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=words)
    parser.add_argument("--json", action="store_true", help="tell of the cards in JSON")
    _setting("proposer", "chord_temperature", "clips")(parser)


def _transcribe(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording or a .mid")
    _add_fields(parser, TRANSCRIBE)
    words = "write the chords' .mid here too"
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=words)
    parser.add_argument("--json", action="store_true", help="tell of the chords in JSON")
    _setting("clips")(parser)


def _suggest(parser: Parser) -> None:
    _add_word(parser, *(field for field in SUGGEST if field.name == "before"))
    _add_fields(parser, (field for field in SUGGEST if field.name != "before"))
    parser.add_argument("--json", action="store_true", help="tell of the chords in JSON")


def _measure(parser: Parser) -> None:
    _add_fields(parser, MEASURE)
    _setting("proposer", "chord_temperature")(parser)


def _add_word(parser: Parser, field: Field) -> None:
    """Take a field without a flag before it."""
    words = f"{field.words} ({field.range.words}); default: {field.default}"
    parser.add_argument(
        field.name, nargs="?", metavar=field.name.upper(), help=words.replace("%", "%%")
    )


def _play(parser: Parser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .mid")
    parser.add_argument("--loop", action="store_true", help="play it round and round")
    words = "bars of clicks before it, 0..4"
    parser.add_argument("--count-in", type=int, default=0, metavar="BARS", help=words)
    _setting("part_ports", "channels", "latency_ms")(parser)
    _to(parser)


def _learn(parser: Parser) -> None:
    words = f"what a press is to ask: {', '.join(ACTIONS)}"
    parser.add_argument("action", metavar="ACTION", help=words)
    _setting("host", "port")(parser)


def _calibrate(parser: Parser) -> None:
    _add_fields(parser, CALIBRATE)
    words = "what your host recorded of the clicks, a .mid; nothing is played then"
    parser.add_argument("--recorded", type=Path, metavar="FILE", help=words)
    _setting(*_MIDI, "latency_ms")(parser)


def _panic(parser: Parser) -> None:
    _to(parser)
    _setting("host", "port")(parser)


def _to(parser: Parser) -> None:
    words = "a port that is there, by a piece of its name; default: a port of our own"
    parser.add_argument("--to", metavar="PORT", help=words)
    _setting(*_MIDI)(parser)


def _render(parser: Parser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .mid")
    words = "the .wav; default: beside the .mid"
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=words)
    words = "a .sf2; default: TimGM6mb, which came with bandmate"
    parser.add_argument("--soundfont", type=Path, metavar="FILE", help=words)


def _bridge(parser: Parser) -> None:
    parser.usage = "bandmate bridge install|uninstall|status|run [BRIDGE] [--to DIR]"
    parser.add_argument("verb", metavar="install|uninstall|status|run", help="what to do")
    words = "reaper, ableton or ardour; with run abletonosc; status tells all"
    parser.add_argument("bridge", nargs="?", default="", metavar="BRIDGE", help=words)
    words = "the folder in which the DAW looks for scripts; default: where it usually does"
    parser.add_argument("--to", type=Path, metavar="DIR", help=words)
    _setting("host", "port")(parser)


def _setup(parser: Parser) -> None:
    parser.add_argument("--yes", action="store_true", help="do every step without a question")
    parser.add_argument("--dry-run", action="store_true", help="show the steps and do nothing")
    parser.add_argument("--undo", action="store_true", help="restore what was there before")


def _doctor(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="tell what is found in JSON")
    names = "host port query_port panel_port clips source device threads proposer"
    _setting(*names.split(), *_MIDI)(parser)


COMMANDS: dict[str, tuple[str, Callable[[Parser], None]]] = {
    "serve": ("Run the daemon until Ctrl-C.", _setting(*(field.name for field in SETTINGS))),
    "loop": ("Write a loop, without a daemon.", _loop),
    "chords": ("Write chords from words, a picture or a recording, without a daemon.", _chords),
    "transcribe": ("Tell the chords of a recording or a .mid.", _transcribe),
    "suggest": ("Tell which chords could come next.", _suggest),
    "measure": ("Learn the habits of your own proposer (the setting `proposer`), once.", _measure),
    "play": ("Play a .mid on the MIDI port.", _play),
    "ports": ("Tell which MIDI ports there are.", _setting(*_MIDI)),
    "learn": ("Let a controller or foot switch ask something: the next press is it.", _learn),
    "calibrate": ("Measure how late your host hears bandmate.", _calibrate),
    "panic": ("Silence every note on every channel.", _panic),
    "render": ("Turn a .mid into a .wav.", _render),
    "presets": ("List the presets.", _setting()),
    "doctor": ("Look for what is broken, and tell the cure.", _doctor),
    "setup": ("Install the bridges for your DAWs and start the daemon at login.", _setup),
    "bridge": ("Install bandmate in a DAW, take it away, or tell what is installed.", _bridge),
    "shelf": (
        "Show the latest takes in a small window, to drag them into any DAW.",
        _setting("host", "port", "token"),
    ),
}
"""Each command in words, and what adds its flags."""
