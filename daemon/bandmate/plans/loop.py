"""From an ask to a plan: what the ask leaves open, the song, the preset and the defaults fill in.

What the client has told of its song is a fact that a clip must fit: it comes before a preset's
taste, and the preset before what nobody said. A card that the loop follows is a fact too: its
chords, key and meter come before the song's own. So is a clip that is there already, whose bars
and beats the plan goes on with.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bandmate.asks.loop import NO_FORM, LoopAsk
from bandmate.asks.notation import MAX_BARS, checked_meter, parse_parts, placed_chords
from bandmate.asks.presets import Preset
from bandmate.asks.song import Song
from bandmate.errors import AskError
from bandmate.loops.form import bars_of, formed, read_form
from bandmate.loops.plan import LoopPlan, Wish
from bandmate.music.clip import ChordSpan, Clip
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.sounding import sounding_chords, sounding_key
from bandmate.plans.context import MAX_NOTES, Given
from bandmate.plans.edits import Stock, Tasks, base_of, check_written, crossed, stock_of, tasks_of
from bandmate.plans.energy import energy_of_mood, wished_by_energy, wished_by_mood
from bandmate.plans.json_form import plan_from_json, plan_to_json
from bandmate.plans.targets import wishes_of
from bandmate.plans.time_feel import in_time_feel
from bandmate.style.keywords import Traits, traits_of, vocabulary

__all__ = ["NO_PRESET", "SEEDS", "Theme", "plan_from_json", "plan_of", "plan_to_json", "plans_of"]

SEEDS = 2**31
"""Seeds are 0..SEEDS-1."""
NO_PRESET = Preset(name="", words="", parts=parse_parts("drums,bass,keys"))
"""What is written where neither the ask nor a preset says."""
USUAL_STRICTNESS = 0.5
"""How strictly chords are kept that somebody told."""
USUAL_FEEL = 0.5
FORMED_FROM = 8
"""Bars from which a clip of whole sections of four has a form, where none is asked."""
_NOTHING = Given("the clip", Clip((), 0.0))
_DARK, _BRIGHT = -0.1, 0.1
"""Valences below and above which a mood is a mode."""


@dataclass(frozen=True, slots=True)
class Theme:
    """What a card gives the loops that follow it."""

    key: Key
    meter: Meter
    tempo: float
    """Quarter notes per minute, used where the client told none."""
    bars: int
    chords: tuple[ChordSpan, ...]
    """In beats from the card's start."""
    genre: str | None = None
    """One of the loops' GENRES, as the card's keywords mean it."""
    energy: int | None = None
    """1..5, as the card's keywords mean it."""
    section: str | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that a plan goes by."""

    ask: LoopAsk
    song: Song
    taste: Preset
    """The preset's, the keywords' and the take's, what comes first first."""
    traits: Traits
    theme: Theme | None
    given: Given | None
    has_preset: bool


def plan_of(
    ask: LoopAsk,
    song: Song,
    preset: Preset | None = None,
    seed: int | None = None,
    theme: Theme | None = None,
    *,
    given: Sequence[Given] = (),
) -> LoopPlan:
    """Return the plan of an ask; *seed* is for an ask without one, and without both it is random.

    *theme* is that of the card which the loop follows; chords that the ask names come before the
    card's, and in another key the card's are transposed. *given* is the clip that the ask names as
    context, take or like, or the two that it is to lie between. Raises AskError for what cannot be
    fulfilled together, and where the meter is one that the loop model cannot write.
    """
    chosen = _seed(ask.seed, seed)
    source = crossed(given[0], given[1], chosen) if len(given) > 1 else (*given, None)[0]
    keywords = ask.keywords or (preset.keywords if preset else None) or ()
    traits = traits_of(word for word in keywords if word.word in vocabulary())
    taste = _flavoured(preset or NO_PRESET, traits, theme, source)
    facts = _Facts(ask, song, taste, traits, theme, source, preset is not None)
    meter = checked_meter(_meter(facts))
    bars = _bars(facts, meter)
    stock = _stock(facts, bars, meter)
    chords, are_told = _chords(facts, meter, bars)
    plan = LoopPlan(
        bars=bars,
        tempo=_tempo(facts),
        meter=meter,
        key=_key(facts),
        parts=stock.parts,
        seed=chosen,
        genre=ask.genre or taste.genre,
        section=ask.section or taste.section,
        energy=ask.energy or taste.energy,
        chords=chords,
        strictness=_first(ask.strictness, taste.strictness, USUAL_STRICTNESS * are_told),
        feel=_first(ask.feel, taste.feel, USUAL_FEEL),
        temperature=ask.temperature or taste.temperature or 1.0,
        top_k=ask.top_k or 0,
        top_p=ask.top_p or 0.98,
        in_key=ask.in_key is not False,
    )
    wishes = wishes_of(ask, taste, plan, inherited=_inherited(facts), derived=_derived(facts, plan))
    plan = _tasked(facts, stock, replace(plan, wishes=wishes))
    return in_time_feel(plan, _time_feel(facts))


def plans_of(
    ask: LoopAsk,
    song: Song,
    preset: Preset | None = None,
    theme: Theme | None = None,
    *,
    given: Sequence[Given] = (),
) -> tuple[LoopPlan, ...]:
    """Return a plan for each take of an ask; the seeds follow each other."""
    first = plan_of(ask, song, preset, theme=theme, given=given)
    seeds = [(first.seed + i) % SEEDS for i in range(ask.takes or 1)]
    if ask.between is None:
        return tuple(replace(first, seed=seed) for seed in seeds)
    asks = (replace(ask, seed=seed) for seed in seeds)
    return tuple(plan_of(one, song, preset, theme=theme, given=given) for one in asks)


def _first(*said: float | None) -> float:
    return next(value for value in said if value is not None)


def _seed(*said: int | None) -> int:
    return next((seed for seed in said if seed is not None), secrets.randbelow(SEEDS))


# taste


def _flavoured(taste: Preset, traits: Traits, theme: Theme | None, given: Given | None) -> Preset:
    """Let keywords say before the preset, and a card's or a take's taste what it does not."""
    energy = None if traits.energy is None else energy_of_mood(traits.energy)
    plan = given.plan if given else None
    return replace(
        taste,
        genre=traits.style or taste.genre or (theme or plan or taste).genre,
        energy=energy or taste.energy or (theme or plan or taste).energy,
        section=traits.section or taste.section or (theme or plan or taste).section,
    )


def _inherited(facts: _Facts) -> tuple[Wish, ...]:
    """Return what a take was asked for, of which more is wanted."""
    plan = facts.given.plan if facts.given else None
    is_more = facts.ask.source in ("like", "between") and plan is not None and plan.stretch == 1
    return plan.wishes if plan is not None and is_more else ()


def _derived(facts: _Facts, plan: LoopPlan) -> dict[str, float]:
    """Return what energy and mood ask of the fields; of a clip that is there only if said now."""
    traits, wishes = facts.traits, {}
    is_said = facts.ask.energy is not None or traits.energy is not None or facts.given is None
    if plan.energy is not None and is_said:
        wishes = wished_by_energy(plan.energy, plan)
    if traits.valence is not None and not _DARK <= traits.valence <= _BRIGHT:
        wishes |= wished_by_mood(traits.valence, plan.parts)
    return wishes


def _time_feel(facts: _Facts) -> str:
    taste = facts.taste.time_feel if facts.given is None and _form(facts) is None else None
    return facts.ask.time_feel or taste or "normal"


# meter, length, tempo and key


def _meter(facts: _Facts) -> Meter:
    ask, theme, song = facts.ask, facts.theme, facts.song
    if facts.given is not None and "meter" in facts.given.told:
        own = facts.given.clip.meter
        if ask.meter is not None and ask.meter.bar_beats != own.bar_beats:
            raise AskError(f"meter must be {own}, as {facts.given.name} has it, not {ask.meter}")
        return ask.meter or own
    if ask.meter or theme:
        return ask.meter or (theme.meter if theme else Meter())
    is_told = "meter" in song.told or facts.taste.meter is None
    return song.meter if is_told or facts.taste.meter is None else facts.taste.meter


def _form(facts: _Facts) -> str | None:
    """Return the form that somebody says, or None."""
    ask = facts.ask
    usual = facts.taste.form if ask.bars is None and facts.given is None else None
    if ask.time_feel not in (None, "normal"):
        usual = None
    form = ask.form or usual
    return None if form == NO_FORM else form


def _bars(facts: _Facts, meter: Meter) -> int:
    ask, given = facts.ask, facts.given
    form = _form(facts)
    if ask.bars or form:
        return ask.bars or bars_of(read_form(form or ""))
    if given is not None and not ask.continues:
        bars = _given_bars(given, meter)
        if bars > MAX_BARS:
            raise AskError(
                f"{given.name} has {bars} bars: say bars (1..{MAX_BARS}) to take its first, or "
                "continues to write what follows its last"
            )
        return bars
    return len(ask.chords or ()) or (facts.theme.bars if facts.theme else 4)


def _given_bars(given: Given, meter: Meter) -> int:
    return max(1, -int(-given.clip.length // meter.bar_beats))


def _tempo(facts: _Facts) -> float:
    ask, song, taste, given = facts.ask, facts.song, facts.taste, facts.given
    if ask.tempo or "tempo" in song.told:
        return ask.tempo or song.tempo
    if given is not None and "tempo" in given.told:
        return min(max(given.clip.tempo, 20.0), 400.0)
    if facts.theme is not None:
        return facts.theme.tempo
    low, high = _usual_tempi(ask) or taste.tempo or (song.tempo, song.tempo)
    return song.tempo if low <= song.tempo <= high else float(round((low + high) / 2))


def _usual_tempi(ask: LoopAsk) -> tuple[float, float] | None:
    """Return the tempi of the heaviest keyword that names some."""
    words = vocabulary()
    held = sorted(ask.keywords or (), key=lambda keyword: -keyword.weight)
    tempi = (words[keyword.word].tempo for keyword in held if keyword.word in words)
    return next((tempo for tempo in tempi if tempo), None)


def _key(facts: _Facts) -> Key:
    ask, theme, given, song = facts.ask, facts.theme, facts.given, facts.song
    if ask.key or theme:
        return ask.key or (theme.key if theme else song.key)
    if given is not None:
        own = given.clip.key if "key" in given.told else None
        return own or sounding_key(given.clip, song.key if "key" in song.told else None)
    mode = _mood_mode(facts.traits) or facts.taste.mode
    return song.key if "key" in song.told or mode is None else Key(song.key.tonic, mode)


def _mood_mode(traits: Traits) -> str | None:
    if traits.mode or traits.valence is None or _DARK <= traits.valence <= _BRIGHT:
        return traits.mode
    return "min" if traits.valence < 0 else "maj"


# chords


def _chords(facts: _Facts, meter: Meter, bars: int) -> tuple[tuple[ChordSpan, ...], bool]:
    """Return the chords of a clip, and whether somebody told them.

    The ask's come first, then a card's, those of the clip that is there, the song's, and at last
    those that are heard in the clip.
    """
    ask, song, theme, given = facts.ask, facts.song, facts.theme, facts.given
    if ask.chords:
        return placed_chords(ask.chords, meter, bars), True
    if theme is not None:
        by = ask.key.tonic - theme.key.tonic if ask.key else 0
        moved = tuple(replace(span, chord=span.chord.transposed(by)) for span in theme.chords)
        return _laid(moved, theme.meter, meter, bars), True
    if given is not None and given.clip.chords:
        return _repeated(given.clip.chords, _given_bars(given, meter), meter, bars), True
    if song.chords:
        return _laid(song.chords, song.meter, meter, bars), True
    heard = sounding_chords(replace(given.clip, meter=meter)) if given is not None else ()
    if given is None or not heard:
        return (), False
    return _repeated(heard, _given_bars(given, meter), meter, bars), False


def _laid(
    spans: tuple[ChordSpan, ...], written: Meter, meter: Meter, bars: int
) -> tuple[ChordSpan, ...]:
    """Repeat chords until they fill the bars; in another meter than was written, bar for bar."""
    if not spans:
        return ()
    ratio = meter.bar_beats / written.bar_beats
    once = [ChordSpan(s.start * ratio, s.end * ratio, s.chord) for s in spans]
    return tuple(_rounds(once, once[-1].end, bars * meter.bar_beats))


def _repeated(
    spans: Sequence[ChordSpan], given_bars: int, meter: Meter, bars: int
) -> tuple[ChordSpan, ...]:
    """Repeat a clip's chords as often as the clip would come."""
    return tuple(_rounds(spans, given_bars * meter.bar_beats, bars * meter.bar_beats))


def _rounds(once: Sequence[ChordSpan], period: float, length: float) -> Iterator[ChordSpan]:
    offset = 0.0
    while offset < length:
        for span in once:
            if offset + span.start < length:
                end = min(offset + span.end, length)
                yield ChordSpan(offset + span.start, end, span.chord)
        offset += period


# parts and cells


def _stock(facts: _Facts, bars: int, meter: Meter) -> Stock:
    ask, given = facts.ask, facts.given
    if given is not None:
        # A preset's band plays to a clip of which nothing else is said.
        is_open = facts.has_preset and not (ask.is_edit or ask.shift or ask.source != "context")
        is_longer = bars > _given_bars(given, meter)
        return stock_of(ask, given, facts.taste.parts if is_open and not is_longer else ())
    parts = ask.parts or (() if ask.add and not facts.has_preset else facts.taste.parts)
    return stock_of(replace(ask, parts=parts or None), _NOTHING, ())


def _tasked(facts: _Facts, stock: Stock, plan: LoopPlan) -> LoopPlan:
    """Return the plan with what is there, the cells to write, and the sections of its form."""
    ask, given = facts.ask, facts.given
    there = _given_bars(given, plan.meter) if given else 0
    form, plan = _formed(facts, plan, there)
    is_loop = ask.loop if ask.loop is not None else not (_form(facts) or ask.continues)
    plan = replace(plan, is_loop=is_loop)
    tasks = tasks_of(ask, stock, 0 if ask.continues else there, plan.bars, form)
    if given is None:
        is_whole = form is None and len(tasks) == plan.bars * len(plan.parts)
        return replace(plan, tasks=None if is_whole else tasks)
    check_written(ask, tasks, given)
    base = base_of(stock.there, there, ask, plan.bars, plan.meter.bar_beats)
    notes = sum(len(part.notes) for part in base)
    if notes > MAX_NOTES:
        raise AskError(f"{given.name} must hold 1..{MAX_NOTES} notes in what is read, not {notes}")
    return replace(plan, base=base, tasks=tasks)


def _formed(facts: _Facts, plan: LoopPlan, there: int) -> tuple[Tasks | None, LoopPlan]:
    """Return the cells of the plan's form, or None without one, and the plan with its sections.

    Nobody's form is wanted of a clip in half or double time, nor of one that is only changed.
    """
    form = _form(facts)
    is_whole = plan.bars >= FORMED_FROM and plan.bars % 4 == 0 and plan.bars > there
    is_usual = facts.ask.form is None and _time_feel(facts) == "normal"
    if form is None and is_whole and is_usual and not facts.ask.continues:
        form = "auto"
    if form is None:
        return None, plan
    with_form = formed(read_form(form, plan.bars), plan)
    tasks = {(task.bar, task.part): task for task in with_form.tasks or ()}
    return tasks, replace(with_form, tasks=None)
