"""The words of the loop model: every token, its number and its place in the tables.

Music tokens come first, so that the model's head answers only them; tokens that steer follow and
are never written. New tokens go at the end: weights that know only the first of them stay usable.
A token's name is ``Type_value`` as miditok writes it.
"""

from __future__ import annotations

from bandmate.loops.plan import FIELDS, GRID
from bandmate.music.chord import QUALITIES
from bandmate.music.key import MODES
from bandmate.music.meter import Meter
from bandmate.music.roles import MAX_OF_A_KIND, ROLES
from bandmate.style.genres import GENRES, NEXT_GENRES, SECTIONS

STEPS = GRID
"""Steps a beat."""
MAX_BAR_STEPS = 84
"""Steps of the longest bar (7 beats)."""
VELOCITY_LEVELS = 8
DURATIONS: tuple[int, ...] = (
    *range(1, 13), 15, 16, 18, 20, 21, 24, 27, 30, 33, 36, 42, 48, 54, 60, 66, 72, 84, 96,
    108, 120, 132, 144, 168, 192, 216, 240, 288, 336,
)  # fmt: skip
"""Note durations in steps."""
DRUM_LOW, DRUM_HIGH = 27, 87
WINDOW_BARS = 4
"""Bars that are written in one go; as many again are seen before and after."""
BAR_INDICES = tuple(range(-WINDOW_BARS, 2 * WINDOW_BARS))
BINS = 32
"""Bins of every field."""
SCOPES = ("All", "Part", "Bar")

PART_NAMES = tuple(
    name for role in ROLES for name in (role, *(f"{role}{i}" for i in range(2, MAX_OF_A_KIND + 1)))
)
"""Every part name there is, in the order in which parts are written within a bar."""
PART_ORDER = {name: i for i, name in enumerate(PART_NAMES)}

METERS = tuple(
    str(Meter(upper, lower))
    for lower, uppers in ((2, range(1, 4)), (4, range(1, 8)), (8, range(2, 15)))
    for upper in uppers
)
TEMPO_BINS = 32
REGISTER_LOW, REGISTER_WIDTH, REGISTER_BINS = 12, 4, 24
"""Lowest pitch, semitones a bin and bins of the registers that parts are given."""
CONTROL_WORDS = ("PAD_None", "Begin_0", "Plan_0", "Kept_0", "Write_0")


def _music_names() -> list[str]:
    return [
        "End_0",
        *(f"Bar_{i}" for i in BAR_INDICES),
        *(f"Cell_{name}" for name in PART_NAMES),
        *(f"On_{p}.{v}" for p in range(MAX_BAR_STEPS) for v in range(VELOCITY_LEVELS)),
        *(f"Pitch_{p}" for p in range(128)),
        *(f"Drum_{p}" for p in range(DRUM_LOW, DRUM_HIGH + 1)),
        *(f"Duration_{d}" for d in DURATIONS),
    ]


def _steering_names() -> list[str]:
    return [
        *CONTROL_WORDS,
        *(f"Meter_{meter}" for meter in METERS),
        *(f"Tempo_{i}" for i in range(TEMPO_BINS)),
        *(f"Mode_{mode}" for mode in MODES),
        *(f"Genre_{genre}" for genre in GENRES),
        *(f"Section_{section}" for section in SECTIONS),
        *(f"Energy_{i}" for i in range(1, 6)),
        *(f"Mood_{i}" for i in range(16)),
        *(f"Bars_{i}" for i in range(1, WINDOW_BARS + 1)),
        *(f"Part_{name}" for name in PART_NAMES),
        *(f"Program_{i}" for i in range(128)),
        *(f"Slots_{i}" for i in BAR_INDICES),
        "Hold_0",
        "NoChord_0",
        *(f"Root_{i}" for i in range(12)),
        *(f"Quality_{quality}" for quality in QUALITIES),
        *(f"Bass_{i}" for i in range(12)),
        *(f"{field}{scope}_{i}" for field in FIELDS for scope in SCOPES for i in range(BINS)),
        *(f"Reserved_{i}" for i in range(64)),
        *(f"Low_{i}" for i in range(REGISTER_BINS)),
        *(f"High_{i}" for i in range(REGISTER_BINS)),
        *(f"Genre_{genre}" for genre in NEXT_GENRES),
    ]


NAMES = (*_music_names(), *_steering_names())
IDS = {name: i for i, name in enumerate(NAMES)}
MUSIC_SIZE = len(_music_names())
SIZE = len(NAMES)

END = IDS["End_0"]
PAD, BEGIN, PLAN, KEPT, WRITE = (IDS[word] for word in CONTROL_WORDS)
ON = IDS["On_0.0"]
PITCH = IDS["Pitch_0"]
DRUM = IDS[f"Drum_{DRUM_LOW}"]
DURATION = IDS[f"Duration_{DURATIONS[0]}"]
BAR = {i: IDS[f"Bar_{i}"] for i in BAR_INDICES}
CELL = {name: IDS[f"Cell_{name}"] for name in PART_NAMES}


def on(step: int, level: int) -> int:
    """Return the token of an onset at a step of the bar with a velocity level."""
    return ON + step * VELOCITY_LEVELS + level


def velocity_level(velocity: float) -> int:
    """Return the level, 0..7, of a velocity 1..127."""
    return min(VELOCITY_LEVELS - 1, max(0, int(velocity) // 16))


def level_velocity(level: int) -> int:
    """Return the velocity that a level stands for: the middle of its sixteen."""
    return level * 16 + 8


def register_bin(pitch: float) -> int:
    """Return the bin, 0..REGISTER_BINS-1, of a pitch 0..127."""
    return min(REGISTER_BINS - 1, max(0, int(pitch - REGISTER_LOW) // REGISTER_WIDTH))
