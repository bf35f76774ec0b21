"""Settings: the shipped defaults, then the person's file, then flags; all mistakes told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bandmate.errors import AskError, nearest
from bandmate.fields import Field, Flag, OneOf, Real, Text, Whole, read_yaml, shown
from bandmate.music.roles import ROLES
from bandmate.paths import settings_file

DEFAULTS = Path(__file__).with_name("defaults.yaml")
"""The shipped settings, each with a comment; a person's own file has the same form."""

_NAME = Text(r"[^\x00-\x1f:]{1,60}", "a name of 1..60 characters without a colon")
_CHANNELS = Text(
    rf"((({'|'.join(ROLES)})[2-4]?=(1[0-6]|[1-9]))( +|$))*", "like drums=10 bass=2, from 1 to 16"
)

SETTINGS = (
    Field("host", Text(r"[\w.:%-]{1,253}", "an address or the name of a host"),
          "where OSC is taken; 0.0.0.0 opens it to your network, and needs allow and token",
          "127.0.0.1"),
    Field("port", Whole(1, 65535), "the port of OSC, UDP and TCP", "7770"),
    Field("allow", Text(r"[0-9a-fA-F.:/, ]{0,1000}", "addresses or networks with commas between "
          "them"), "who may ask from beyond this machine, such as 192.168.1.20, 10.0.0.0/24; "
          "needs a token", "nobody"),
    Field("token", Text(r"([^\x00-\x20]{8,200})?", "8..200 characters without blanks"),
          "what whoever asks from beyond this machine must say in a hello", "none"),
    Field("allow_paths", Text(r"[^\x00-\x1f]{0,4000}", "folders with commas between them", 4000),
          "folders beside your home folder and the clips from which files are read for whoever "
          "asks, such as /mnt/samples", "none"),
    Field("announce", Flag(), "tell programs that look for OSC where bandmate is", "on"),
    Field("query_port", Whole(1, 65535), "the port of OSCQuery, on this machine alone", "7772"),
    Field("panel_port", Whole(0, 65535), "the port of the panel's page, on this machine alone; "
          "0 is off", "7771"),
    Field("clips", Text(r"[^\x00]{0,1000}", "a folder"),
          "where clips are written", "clips in bandmate's own folder"),
    Field("midi_api", OneOf(("auto", "alsa", "jack", "coremidi", "windows", "none")),
          "how the virtual MIDI port is made", "auto"),
    Field("midi_client", _NAME, "the name under which DAWs see bandmate", "bandmate"),
    Field("midi_port", _NAME, "the name of its MIDI port", "loops"),
    Field("part_ports", Text(r"[a-z0-9]*( +[a-z0-9]+)*", "names of parts with blanks between them"),
          "parts that get a MIDI port of their own, such as drums bass", "none"),
    Field("channels", _CHANNELS, "the MIDI channels of parts",
          "drums on 10, the others from 1 on"),
    Field("latency_ms", Real(-500, 500),
          "milliseconds that all is sent early; `bandmate calibrate` measures them", "0"),
    Field("source", OneOf(("internal", "clock", "link", "bridge")), "who tells the time at first: "
          "bandmate itself, a MIDI clock, Ableton Link, a bridge's reports", "internal"),
    Field("clock_out", Flag(), "send MIDI clock while bandmate leads, on a port of its own", "off"),
    Field("device", OneOf(("cpu", "cuda")), "what the loop model runs on", "cpu"),
    Field("threads", Whole(1, 16), "threads of the loop model", "1"),
    Field("queue", Whole(1, 256), "asks that may wait", "16"),
    Field("proposer", Text(r"[^\x00]{0,1000}", "a GGUF file"),
          "another model that proposes chords", "the one that came with bandmate"),
    Field("chord_temperature", Real(1, 3), "how softly proposals are judged", "1.7"),
    Field("inspire_idle", Whole(5, 3600),
          "seconds after which the models that read inspirations are let go", "120"),
    Field("log_json", Flag(), "log as one JSON object a line", "off"),
)  # fmt: skip
"""All that can be set."""

_BY_NAME = {row.name: row for row in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """How the daemon is set; the defaults are those of ``defaults.yaml``."""

    host: str = "127.0.0.1"
    """Address that OSC is taken on."""
    port: int = 7770
    """UDP and TCP port of OSC, 1..65535."""
    allow: str = ""
    """Addresses and networks beyond this machine that may ask, commas between them."""
    token: str = field(default="", repr=False)
    """What those must say in a hello; at least 8 characters."""
    allow_paths: str = ""
    """Folders beyond the person's home from which files are read, commas between them."""
    announce: bool = True
    """Tell programs that look for OSC where bandmate is."""
    query_port: int = 7772
    """TCP port of OSCQuery, 1..65535."""
    panel_port: int = 7771
    """TCP port of the panel's page, 0..65535; 0 is off."""
    clips: str = ""
    """Folder of the clips; empty is ``clips`` in bandmate's own folder."""
    midi_api: str = "auto"
    """``auto``, ``alsa``, ``jack``, ``coremidi``, ``windows`` or ``none``."""
    midi_client: str = "bandmate"
    """Name under which DAWs see bandmate, 1..60 characters."""
    midi_port: str = "loops"
    """Name of the MIDI port, 1..60 characters."""
    part_ports: str = ""
    """Parts that get a MIDI port of their own, with blanks between them."""
    channels: str = ""
    """The MIDI channels of parts, 1..16: ``drums=10 bass=2``."""
    latency_ms: float = 0.0
    """Milliseconds that all is sent before it is due, -500..500."""
    source: str = "internal"
    """Who tells the time at first: ``internal``, ``clock``, ``link`` or ``bridge``."""
    clock_out: bool = False
    """Send MIDI clock while bandmate leads, on a port of its own."""
    device: str = "cpu"
    """``cpu`` or ``cuda``."""
    threads: int = 1
    """Threads of the loop model, 1..16."""
    queue: int = 16
    """Asks that may wait, 1..256."""
    proposer: str = ""
    """GGUF file of another model that proposes chords; empty is the shipped one."""
    chord_temperature: float = 1.7
    """Temperature of P and Q in the acceptance, 1..3."""
    inspire_idle: int = 120
    """Seconds after which the models that read inspirations are let go, 5..3600."""
    log_json: bool = False
    """Log as one JSON object a line."""


def read_settings(flags: Mapping[str, object] | None = None, file: Path | None = None) -> Settings:
    """Return the settings of the defaults, of *file* and of *flags*, each over the one before.

    A flag of None is not said. Without *file* the person's own is read, if it exists. Raises
    AskError with every mistake, FileError for a file that cannot be read.
    """
    chosen = file or settings_file()
    said = {name: value for name, value in (flags or {}).items() if value is not None}
    layers = [(DEFAULTS.name, read_yaml(DEFAULTS)), ("", said)]
    if file is not None or _is_there(chosen):
        layers.insert(1, (chosen.name, read_yaml(chosen)))
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for source, layer in layers:
        for name, value in layer.items():
            try:
                values[name] = _read(name, value)
            except AskError as error:
                mistakes.append(f"{source}: {error}" if source else str(error))
    if mistakes:
        raise AskError("; ".join(mistakes))
    return Settings(**values)


def _is_there(file: Path) -> bool:
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass  # nobody may look: reading it tells why
    return True


def _read(name: str, value: object) -> object:
    if name not in _BY_NAME:
        near = nearest(str(name)[:40], _BY_NAME)
        raise AskError(f"there is no setting called {shown(name)}, try {near}")
    return _BY_NAME[name].range.read(name, value)
