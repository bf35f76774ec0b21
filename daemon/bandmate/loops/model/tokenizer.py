"""The loop vocabulary as a miditok tokenizer: for data sets, saving, people who know miditok.

The daemon never imports this module: miditok imports torch wherever it finds it, which takes
seconds. The hot path reads the same tokens through ``tokens.py``; this class saves
``models/loops/tokenizer.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from miditok import MusicTokenizer, TokenizerConfig, TokSequence
from miditok.classes import Event
from symusic import Note as ScoreNote
from symusic import Score, Tempo, TimeSignature, Track

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import Cell, GridNote, Sheet, bar_steps, cell_notes, sequence_ids
from bandmate.music.meter import Meter
from bandmate.music.naming import heard_role
from bandmate.music.roles import ROLES, numbered


def loop_config() -> TokenizerConfig:
    """Return the grid of the loop model as miditok's settings."""
    return TokenizerConfig(
        pitch_range=(0, 127),
        beat_res={(0, 28): v.STEPS},
        num_velocities=v.VELOCITY_LEVELS,
        special_tokens=["PAD"],
        use_programs=True,
        one_token_stream_for_programs=True,
        use_tempos=False,
        use_time_signatures=False,
    )


class LoopTokenizer(MusicTokenizer):  # type: ignore[misc]  # miditok is not typed
    """A score of at most four bars <-> one sequence of loop tokens, keys as they are."""

    def __init__(
        self, tokenizer_config: TokenizerConfig | None = None, params: str | Path | None = None
    ) -> None:
        super().__init__(tokenizer_config or loop_config(), params)
        self.velocities = np.array([v.level_velocity(i) for i in range(v.VELOCITY_LEVELS)])

    @property
    def special_tokens(self) -> list[str]:
        """Return the padding token; none while the vocabulary is made, since ours holds it."""
        return ["PAD_None"] if len(self.vocab) else []

    def _tweak_config_before_creating_voc(self) -> None:
        self._merge_same_program_tracks = False  # keys and keys2 may share a program

    def _create_base_vocabulary(self) -> list[str]:
        return list(v.NAMES)

    def _create_token_types_graph(self) -> dict[str, set[str]]:
        onsets, ends = {"On"}, {"Bar", "Cell", "End"}
        return {
            "Bar": {"Cell"},
            "Cell": onsets | ends,
            "On": {"Pitch", "Drum"},
            "Pitch": {"Pitch", "Duration"},
            "Duration": {"Pitch"} | onsets | ends,
            "Drum": {"Drum"} | onsets | ends,
            "End": set(),
        }

    def _add_time_events(self, events: list[Event], time_division: int) -> list[Event]:
        return events

    def _score_to_tokens(
        self, score: Score, attribute_controls_indexes: Mapping[int, Any] | None = None
    ) -> TokSequence:
        """Return a preprocessed score's sequence; raises ValueError past four bars."""
        meter = _meter(score)
        length = bar_steps(meter)
        cells: dict[Cell, list[GridNote]] = {}
        programs: dict[str, int] = {}
        for track in score.tracks:
            role = heard_role(track.name, track.program, 9 if track.is_drum else 0)
            name = numbered(role, set(programs))
            if name is None:
                raise ValueError(f"a loop holds at most four parts of one role, not more {role}")
            programs[name] = track.program
            for note in track.notes:
                bar, step = divmod(note.time, length)
                found = GridNote(step, note.pitch, note.duration, v.velocity_level(note.velocity))
                cells.setdefault((bar, name), []).append(found)
        bars = 1 + max((bar for bar, _ in cells), default=0)
        if bars > v.WINDOW_BARS:
            raise ValueError(f"a sequence holds 1..{v.WINDOW_BARS} bars, not {bars}")
        ids = _sequence(meter, programs, bars, cells)
        return TokSequence(tokens=[v.NAMES[i] for i in ids], ids=ids)

    def _tokens_to_score(
        self, tokens: TokSequence, programs: list[tuple[int, bool]] | None = None
    ) -> Score:
        """Return the score of a sequence; what its prompt says of meter and programs is kept."""
        score = Score(v.STEPS)
        score.tempos.append(Tempo(0, qpm=120))
        meter, told, part = Meter(), dict[str, int](), ""
        tracks: dict[str, Track] = {}
        cell: list[int] = []
        bar = 0

        def close() -> None:
            if part in tracks:
                tracks[part].notes.extend(
                    ScoreNote(
                        bar * bar_steps(meter) + n.step, n.steps, n.pitch, v.level_velocity(n.level)
                    )
                    for n in cell_notes(cell)
                )
            cell.clear()

        for name in tokens.tokens:
            kind, _, value = name.partition("_")
            if kind == "Meter":
                meter = Meter.parse(value)
            elif kind == "Part":
                part = value
                told[value] = ROLES[value.rstrip("234")].program
            elif kind == "Program":
                told[part] = int(value)
            elif kind in ("Bar", "Cell", "End"):
                close()
                bar = int(value) if kind == "Bar" else bar
                if kind == "Cell":
                    part = value
                    is_drums = value.startswith("drums")
                    tracks.setdefault(value, Track(value, told.get(value, 0), is_drums))
            elif v.IDS[name] < v.MUSIC_SIZE:
                cell.append(v.IDS[name])
        close()
        score.time_signatures.append(TimeSignature(0, meter.numerator, meter.denominator))
        score.tracks.extend(tracks.values())
        return score


def _meter(score: Score) -> Meter:
    first = score.time_signatures[0] if score.time_signatures else None
    return Meter(first.numerator, first.denominator) if first else Meter()


def _sequence(
    meter: Meter, programs: Mapping[str, int], bars: int, cells: Mapping[Cell, list[GridNote]]
) -> list[int]:
    names = sorted(programs, key=v.PART_ORDER.__getitem__)
    writes = tuple((bar, name) for bar in range(bars) for name in names)
    sheet = Sheet(meter, {name: programs[name] for name in names}, writes, bars=bars)
    return sequence_ids(sheet, cells)
