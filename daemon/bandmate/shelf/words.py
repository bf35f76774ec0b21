"""What a row says of its take, in few words."""

from __future__ import annotations

from bandmate.shelf.rows import Row


def name_of(row: Row) -> str:
    """Return what a person called it, else what it is: ``funk``, ``rainy, nocturnal``."""
    if row.is_named:
        return row.title
    return row.subject or ("chords" if row.kind == "card" else "loop")


def facts_of(row: Row) -> str:
    """Return its key, tempo, bars, and what it is an edit of; empty until its notes came."""
    clip = row.clip
    facts = [f"edit of #{row.parent}"] if row.parent else []
    if clip:
        count = f"{clip.bars} bar{'s' if clip.bars != 1 else ''}"
        meter = "" if str(clip.meter) == "4/4" else str(clip.meter)
        facts = [clip.key.short_name if clip.key else "", f"{clip.tempo:g}", meter, count, *facts]
    return " · ".join(filter(None, facts))


def chords_of(row: Row) -> str:
    """Return its chords as a screen shows them; empty where none are known."""
    clip = row.clip
    return " ".join(span.chord.symbol(clip.key) for span in clip.chords) if clip else ""


def told_of(row: Row) -> str:
    """Return all that a screen reader says of it."""
    clip = row.clip
    facts = [row.kind, str(row.number), name_of(row), facts_of(row)]
    facts += [", ".join(part.name for part in clip.parts) if clip else row.trouble, chords_of(row)]
    facts += ["" if row.state == "made" else row.state, "starred" if row.is_starred else ""]
    facts += [f"by {row.client}" if row.client else ""]
    return ", ".join(filter(None, facts))
