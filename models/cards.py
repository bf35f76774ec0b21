"""Fill the tables of models/README.md from the reports of the evaluations: `make card`.

A table stands between ``<!-- NAME -->`` and ``<!-- end -->``; figures are as the report has them.

    PYTHONPATH=models/loops python models/cards.py
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from judge import show

FOLDER = Path(__file__).resolve().parent
CARD = FOLDER / "README.md"
SETS = ("game", "pop909", "arranged")
MAIN = ("Density", "Pitch", "Velocity", "Duration")

Report = Mapping[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def by_name(corner: str, figures: Mapping[str, Report]) -> str:
    """Return a table with a row for each name and a column for each of its figures.

    A figure that some rows lack stays empty there.
    """
    columns = list(dict.fromkeys(key for row in figures.values() for key in row))
    rows = ([name, *(row.get(key, "") for key in columns)] for name, row in figures.items())
    return table([corner, *columns], rows)


def pairs(head: str, figures: Report) -> str:
    """Return a table of names and figures."""
    return table([head, ""], figures.items())


def _perplexity(report: Report) -> str:
    return by_name("set", report["prior"]["perplexity a chord"])


def _nearness(report: Report) -> str:
    near = report["nearness"]
    rows = ([k, near["progressions"][k], near["chords"][k], near["bigrams"][k]]
            for k in near["bigrams"])  # fmt: skip
    return table(["four bars", "N", "chords", "bigrams"], rows)


def _genres(report: Report) -> str:
    names = ("real songs", "accepted cards", "keywords shuffled")
    found = ((name, report["genres"][name]) for name in names)
    rows = ([name, heard["windows"], heard["balanced accuracy"]] for name, heard in found)
    return table(["eight bars", "N", "balanced accuracy"], rows)


def _foreign(report: Report) -> str:
    foreign = report["foreign"]
    head = [f"bigrams, N = {foreign['compared']}", "JS distance"]
    return table(head, foreign["bigrams"].items())


CHORD_TABLES: dict[str, Callable[[Report], str]] = {
    "PERPLEXITY": _perplexity,
    "WINDOWS": lambda r: by_name("set", r["prior"]["nats a chord in four-bar windows"]),
    "FILLS": lambda r: by_name("set", r["prior"]["fills of bars 3 and 4"]),
    "NEARNESS": _nearness,
    "BATCHES": lambda r: pairs("over random keyword sets", r["batches"]),
    "GENRES": _genres,
    "CONFUSION": lambda r: by_name("asked", r["genres"]["accepted cards"]["confusion"]),
    "CONFUSION_REAL": lambda r: by_name("asked", r["genres"]["real songs"]["confusion"]),
    "MOODS": lambda r: pairs("phrases", r["moods"]),
    "DEATH": lambda r: pairs("llama.cpp killed in the middle of a batch", r["death"]),
    "FOREIGN": _foreign,
}


def _exact(report: Report) -> str:
    facts = ("parts Jaccard", "tempo", "meter", "key", "length")
    cases: dict[str, list[Report]] = {n: list(report["control"][n].values()) for n in SETS}
    cases |= {name: [case] for name, case in report["control"]["rare asks"].items()}
    rows = (
        [name, sum(c["loops"] for c in found), *(min(c[fact] for c in found) for fact in facts)]
        for name, found in cases.items()
    )
    return table(["set, least of all conditions", "loops", *facts], rows)


def _control(report: Report) -> str:
    head = [
        "field, set", "asks", "off, not asked", "off, alone", "mended", "within a bin", "mended",
        "off, all fields", "mended", "within a bin", "mended",
    ]  # fmt: skip
    rows = []
    for field in MAIN:
        for name in SETS:
            found = report["control"][name]
            told = [found[c]["fields"][field] for c in (f"{field} alone", "all fields")]
            rows.append(
                [
                    f"{field}, {name}",
                    told[0]["asks"],
                    found["none"]["fields"][field]["off"],
                    *(one[key] for one in told for key in _ERRORS),
                ]
            )
    return table(head, rows)


_ERRORS = ("off", "off, mended", "within a bin", "within a bin, mended")


def _doses(report: Report) -> str:
    """Correlations of asked and realised, each field alone."""
    fields = [c.removesuffix(" alone") for c in report["control"]["game"] if c.endswith(" alone")]
    rows = (
        [field]
        + [
            report["control"][name][f"{field} alone"]["fields"][field][key]
            for name in SETS
            for key in ("correlation", "correlation, mended")
        ]
        for field in fields
    )
    return table(["field alone", *(f"{n}{m}" for n in SETS for m in ("", ", mended"))], rows)


def _scopes(report: Report) -> str:
    rows = []
    for condition in ("all fields, by part", "all fields, by bar"):
        for field in MAIN:
            for name in SETS:
                found = report["control"][name][condition]["fields"][field]
                errors = (found[key] for key in _ERRORS)
                rows.append([f"{condition}: {field}, {name}", found["asks"], *errors])
    return table(["", "asks", "off", "mended", "within a bin", "mended"], rows)


def _curves(report: Report) -> str:
    keys = ("correlation", "correlation within loops")
    rows = []
    for condition, field in (("density curve", "Density"), ("velocity curve", "Velocity")):
        for name in SETS:
            found = report["control"][name][condition]["fields"][field]
            figures = (found[key + m] for key in keys for m in ("", ", mended"))
            rows.append([f"{condition}, {name}", found["asks"], *figures])
    return table(["", "bars", "correlation", "mended", "within loops", "mended"], rows)


def _rare(report: Report) -> str:
    rows = [
        [f"{ask}: {field}", found["asks"], *(found[key] for key in _ERRORS)]
        for ask, case in report["control"]["rare asks"].items()
        for field, found in case["fields"].items()
    ]
    return table(["", "asks", "off", "mended", "within a bin", "mended"], rows)


def _energy(report: Report) -> str:
    rows: dict[str, Report] = {}
    for way, sets in report["energy"].items():
        found = dict(sets["all sets"])
        parts = {name: found.pop(name) for name in [*found] if isinstance(found[name], dict)}
        rows[way] = found
        rows |= {f"{way}, {name}": figures for name, figures in parts.items()}
    return by_name("", rows)


def _adherence(report: Report) -> str:
    """Roles that were heard often enough, then the rest."""
    rest = ("time in the chord", "bass on the root where chords change", "in key")
    rows = {
        f"{name}: {way}": shares
        for name in ("pop909", "arranged", "both sets")
        for way, shares in report["adherence"][name].items()
        if way != "loops"
    }
    heard = {key for shares in rows.values() for key in shares}
    columns = [*sorted(heard - set(rest)), *(key for key in rest if key in heard)]
    return table(
        ["", *columns],
        ([way, *(shares.get(key, "") for key in columns)] for way, shares in rows.items()),
    )


def _sides(figures: Mapping[str, Mapping[str, Report]]) -> str:
    """Return a table of figures that are kept by set, then by whose loops they are."""
    rows = {
        f"{side}, {name}": found for name, sides in figures.items() for side, found in sides.items()
    }
    return by_name("", dict(sorted(rows.items())))


def _seam(report: Report) -> str:
    by_side = report["fidelity"]["seam"]
    return _sides({name: {s: found[name] for s, found in by_side.items()} for name in SETS})


def _infill(report: Report) -> str:
    return _sides({n: dict(kinds) for n, kinds in report["infill"].items()})


def _form(report: Report) -> str:
    rows = {
        name: {key: value for key, value in found.items() if "drift" not in key}
        for name, found in report["form"].items()
    }
    return by_name("set", rows)


def _drift(report: Report) -> str:
    rows: dict[str, Report] = {
        f"{name}, {whose}": found[key]
        for name, found in report["form"].items()
        for whose, key in (("ours", "drift"), ("real songs", "drift, real songs"))
    }
    return by_name("", rows)


def _broken(report: Report) -> str:
    measured = report["measured"].values()
    written = sum(part["loops written"] for part in measured)
    broken = sum(sum(part["broken"].values()) for part in measured)
    return table(["loops written in all", "broken"], [[written, broken]])


LOOP_TABLES: dict[str, tuple[str, Callable[[Report], str]]] = {
    "LANGUAGE": ("language", lambda r: by_name("set", r["language"])),
    "KEYS": ("keys", lambda r: pairs("keys heard on POP909", r["keys"])),
    "EXACT": ("control", _exact),
    "CONTROL": ("control", _control),
    "DOSES": ("control", _doses),
    "SCOPES": ("control", _scopes),
    "CURVES": ("control", _curves),
    "RARE": ("control", _rare),
    "FIELDS_TOLD": ("control", lambda r: by_name("asked", r["control"]["told apart"])),
    "ENERGY": ("energy", _energy),
    "ADHERENCE": ("adherence", _adherence),
    "PRDC": ("fidelity", lambda r: _sides(r["fidelity"]["PRDC"])),
    "COPYING": ("fidelity", lambda r: _sides(r["fidelity"]["copying"])),
    "SEAM": ("fidelity", _seam),
    "INFILL": ("infill", _infill),
    "FORM": ("form", _form),
    "DRIFT": ("form", _drift),
    "BROKEN": ("form", _broken),
}
"""Each table with the part of the report that it needs."""

JUDGE_TABLES: dict[str, Callable[[Report], str]] = {
    "JUDGES": lambda r: table(show.HEAD, show.rows(r)),
    "TELLS": lambda r: table(show.TELLS_HEAD, show.tells(r)),
}


def _sources(report: Report) -> str:
    head = ["source", "songs", "of them validation", "windows", "notes", "chords", "licences"]
    rows = (
        [
            name,
            found["train"] + found["valid"],
            found["valid"],
            found["windows"],
            found["notes"],
            ", ".join(found["chords"]),
            "; ".join(found["licences"]),
        ]
        for name, found in report["by source"].items()
    )
    return table(head, rows)


def _counts(report: Report) -> str:
    kinds = {f"windows by {kind}": kind for kind in ("genre", "meter", "role")}
    rows = (
        [kind, ", ".join(f"{name} {count}" for name, count in report[key].items())]
        for key, kind in kinds.items()
    )
    return table(["by", "windows of four bars"], rows)


DATA_TABLES: dict[str, Callable[[Report], str]] = {
    "DATA": _sources,
    "DATA_COUNTS": _counts,
    "ABLATION": lambda r: by_name("told with every token", r["ablation"]),
    "RUN": lambda r: by_name("tokens", r["run"]),
}


def tables() -> dict[str, str]:
    """Return every table that the reports can fill, by its name in the card."""
    chords = json.loads((FOLDER / "chords" / "report.json").read_text("utf-8"))
    loops = json.loads((FOLDER / "loops" / "report.json").read_text("utf-8"))
    judged = json.loads((FOLDER / "loops" / "judge.json").read_text("utf-8"))
    found = {name: make(chords) for name, make in CHORD_TABLES.items()}
    found |= {name: make(judged) for name, make in JUDGE_TABLES.items()}
    training = json.loads((FOLDER / "loops" / "data.json").read_text("utf-8"))
    for name in ("ablation", "run"):
        training[name] = json.loads((FOLDER / "loops" / f"{name}.json").read_text("utf-8"))
    found |= {name: make(training) for name, make in DATA_TABLES.items()}
    return found | {n: make(loops) for n, (part, make) in LOOP_TABLES.items() if part in loops}


def filled(card: str, found: Mapping[str, str]) -> str:
    """Return the card with these tables in their places; KeyError names one that has no place."""
    for name, text in found.items():
        before, opened, rest = card.partition(f"<!-- {name} -->\n")
        _, closed, after = rest.partition("<!-- end -->")
        if not closed:
            raise KeyError(f"{CARD.name} has no place for {name}")
        card = f"{before}{opened}{text}\n{closed}{after}"
    return card


def main() -> None:
    """Fill the card."""
    CARD.write_text(filled(CARD.read_text("utf-8"), tables()), "utf-8")


if __name__ == "__main__":
    main()
