"""Chords on the command line as a person types them; the co-writer's three servants are fakes."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bandmate import paths
from bandmate.app.cli import Means, main
from bandmate.app.flags import COMMANDS
from bandmate.asks.chords import CHORD_FIELDS
from bandmate.chords.requests import Proposal, Propose
from bandmate.music import midifile
from bandmate.music.chord import Chord
from bandmate.takes.store import Take, Takes
from fakes import open_fake
from fakes_chords import PRIOR, PROPOSER, FakeProposer, openings

FAKE = Means(open_fake, openings())
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def beach(tmp_path: Path) -> Path:
    file = tmp_path / "beach.jpg"
    file.write_bytes(b"sand")
    return file


@pytest.fixture
def rain(tmp_path: Path) -> Path:
    file = tmp_path / "rain.wav"
    file.write_bytes(b"drops")
    return file


def kept() -> list[Take]:
    """Return all takes that were kept, oldest first."""
    takes = Takes(paths.database(), paths.clips())
    try:
        return takes.listed()[::-1]
    finally:
        takes.close()


def told(capfd: Capture, *words: str, means: Means = FAKE) -> Any:
    """Return what a command tells as JSON; nothing else may be told."""
    assert main([*words, "--json"], means) == 0
    shown = capfd.readouterr()
    assert shown.err == ""
    return json.loads(shown.out)


def test_four_cards_are_told_in_json_alone(
    tmp_path: Path, beach: Path, rain: Path, capfd: Capture
) -> None:
    output = tmp_path / "card.mid"
    answer = told(
        capfd,
        *["chords", "memory of a warm summer beach", "--key", "F:maj", "--bars", "4"],
        *["--image", str(beach), "--audio", str(rain), "--seed", "3", "-o", str(output)],
    )
    assert list(answer) == ["key", "proposer", "keywords", "cards", "notes"]
    assert (answer["key"], answer["proposer"]) == ("F:maj", PROPOSER)
    words = {word["word"]: word for word in answer["keywords"]}
    assert words["warm"] == {"word": "warm", "weight": 0.8, "locked": False}
    assert "nostalgic" in words  # the picture's
    assert answer["notes"] == ["a picture is read by its colours alone"]
    assert len(answer["cards"]) == 4
    names = ["card.mid", "card-2.mid", "card-3.mid", "card-4.mid"]
    assert [card["file"] for card in answer["cards"]] == [str(tmp_path / name) for name in names]
    for card, take in zip(answer["cards"], kept(), strict=True):
        assert card["take"] == take.number
        assert [len(bar) for bar in card["chords"]] == [len(bar) for bar in card["romans"]]
        assert len(card["chords"]) == card["bars"] == take.clip.bars == 4
        labels = [label for bar in card["chords"] for label in bar]
        assert [str(Chord.parse(label)) for label in labels] == labels
        assert isinstance(card["accepted"], bool)
        assert {"log_p", "ratio", "answers", "borrowed", "symbols", "proposer", "seed"} <= set(card)
        clip = midifile.read(card["file"])
        assert clip.bars == 4
        assert [str(span.chord) for span in clip.chords] == [str(s.chord) for s in take.clip.chords]


def test_every_flag_reaches_the_plan(capfd: Capture) -> None:
    words = (
        "chords --keywords nostalgic:0.5,slow! --key A:dor --bars 3 --tempo 96 --meter 6/8"
        " --cards 2 --section verse --genre jazz --seed 9 --temperature 0.7 --m 5 --before C"
        " --after F --voicing guitar --rhythm strum --bass off --model " + PROPOSER
    )
    told(capfd, *words.split())
    plan = json.loads(kept()[0].ask)
    said = {
        "key": "A:dor", "bars": 3, "tempo": 96.0, "meter": "6/8", "cards": 2, "section": "verse",
        "seed": 9, "temperature": 0.7, "m": 5.0, "before": [["C:maj"]], "after": [["F:maj"]],
        "voicing": "guitar", "rhythm": "strum", "bass": False, "program": 25,
        "keywords": [["nostalgic", 0.5, False], ["slow", 1.0, True], ["jazz", 1.0, False]],
    }  # fmt: skip
    assert {name: plan[name] for name in said} == said
    assert [part.name for part in kept()[0].clip.parts] == ["guitar"]


def test_without_a_key_the_inspiration_proposes_one(rain: Path, capfd: Capture) -> None:
    assert told(capfd, "chords", "--audio", str(rain))["key"] == "D:min"
    assert told(capfd, "chords", "a sad tale")["key"].endswith(":min")
    assert told(capfd, "chords", "a happy tale")["key"].endswith(":maj")


def test_a_seed_gives_the_same_cards(tmp_path: Path, capfd: Capture) -> None:
    words = ["chords", "a warm night", "--seed", "3"]
    first = told(capfd, *words, "-o", str(tmp_path / "a.mid"))
    again = told(capfd, *words, "-o", str(tmp_path / "b.mid"))
    assert [card["chords"] for card in first["cards"]] == [c["chords"] for c in again["cards"]]
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_on_a_terminal_a_card_is_a_chart_with_its_reasons(capfd: Capture, home: Path) -> None:
    assert main(["chords", "a warm slow tale", "--key", "F", "--cards", "2"], FAKE) == 0
    shown = capfd.readouterr().out
    assert shown.startswith("keywords: warm:0.8, slow:0.8\nkey: F major\n\n| ")
    assert shown.count("(P/Q ") == 2
    for take in kept():
        assert take.card is not None
        for symbol in (symbol for bar in take.card["symbols"] for symbol in bar):
            assert symbol in shown
        assert f"take {take.number}, by {PROPOSER}: {take.file}" in shown


def test_where_the_proposer_dies_the_prior_proposes_and_it_is_told(capfd: Capture) -> None:
    means = Means(open_fake, openings(dies_at=12))
    answer = told(capfd, "chords", "a warm night", means=means)
    assert answer["proposer"] == PRIOR
    assert len(answer["cards"]) == 4
    assert any("the prior proposed instead" in note for note in answer["notes"])
    assert main(["chords", "a warm night"], means) == 0
    assert "the prior proposed instead" in capfd.readouterr().err


def test_a_loop_follows_a_card(capfd: Capture) -> None:
    words = ["chords", "--keywords", "jazz,energetic", "--key", "G", "--tempo", "90", "--seed", "1"]
    card = told(capfd, *words)["cards"][1]
    (loop,) = told(capfd, "loop", "--card", str(card["take"]))["takes"]
    assert (loop["key"], loop["tempo"], loop["bars"]) == ("G:maj", 90, 4)
    plan = json.loads(kept()[-1].ask)
    assert plan["genre"] == "jazz"
    assert plan["energy"] in (4, 5)
    played = [label for bar in card["chords"] for label in bar]
    told_chords = [label for _, _, label in plan["chords"]]
    assert list(dict.fromkeys(told_chords)) == list(dict.fromkeys(played))


MISTAKES = [
    ("chords|", "text must be 1..2000 characters, not ''"),
    ("chords|" + "x" * 100_000, "text must be 1..2000 characters, not 'xxx"),
    ("chords --image nothing.jpg", "nothing.jpg cannot be read: there is no such file"),
    ("chords --audio .", ". cannot be read: it is no plain file"),
    ("chords --bars 17", "bars must be in 1..16, not 17"),
    ("chords --cards 0", "cards must be in 1..8, not 0"),
    ("chords --key H", "key must be written like"),
    ("chords --keywords happyish", "keywords must be words such as happy"),
    ("chords --rhythm strumm", "rhythm must be one such as strum"),
    ("chords --play", "chords has no flag --play"),
    ("chords --model proposer@00000000", f"model must be {PROPOSER}"),
    ("chords -o /nowhere/x.mid", "/nowhere/x.mid cannot be written: there is no folder /nowhere"),
    ("chords one two", "chords does not know what to do with 'two'"),
    ("chord", "there is no command 'chord', try chords"),
    ("transcribe", "the following arguments are required: FILE"),
    ("transcribe nothing.wav", "nothing.wav cannot be read: there is no such file"),
    ("transcribe nothing.wav --key H", "key must be written like"),
    ("suggest H", "chord must be written like"),
    ("suggest F --most 33", "most must be in 1..32, not 33"),
    ("measure", "the shipped proposer has been measured; set `proposer` to your own GGUF"),
    ("measure --proposer x.gguf --count 199", "count must be in 200..20000, not 199"),
    ("measure --proposer x.gguf --counts 300", "measure has no flag --counts, try --count"),
    ("loop --card 1", "take is not there before the first loop, not 1"),
    ("loop --card 0", "card must be in 1..2147483647, not 0"),
]


@pytest.mark.parametrize(("line", "words"), MISTAKES)
def test_a_mistake_is_one_sentence(line: str, words: str, capfd: Capture) -> None:
    command, _, rest = line.partition("|")
    typed = [*command.split(), *([rest] if "|" in line else [])]
    assert main(typed, FAKE) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("bandmate: " + words)
    assert shown.err.count("\n") == 1
    assert len(shown.err) < 400


def test_a_loop_is_no_card(capfd: Capture) -> None:
    assert main(["loop", "--json"], FAKE) == 0
    capfd.readouterr()
    assert main(["loop", "--card", "1"], FAKE) == 2
    assert capfd.readouterr().err == (
        "bandmate: card must be the number of a card, not of the loop 1\n"
    )


def test_a_recording_is_transcribed(tmp_path: Path, rain: Path, capfd: Capture) -> None:
    output = tmp_path / "heard.mid"
    answer = told(capfd, "transcribe", str(rain), "-o", str(output))
    (card,) = answer["cards"]
    assert card["chords"] == [["F:maj"], ["A:min"], ["Bb:maj"], ["C:7"]]
    assert (answer["key"], card["tempo"], card["file"]) == ("F:maj", 96.0, str(output))
    assert [str(span.chord) for span in midifile.read(output).chords] == [
        "F:maj", "A:min", "Bb:maj", "C:7",
    ]  # fmt: skip
    (moved,) = told(capfd, "transcribe", str(rain), "--key", "G:maj")["cards"]
    assert moved["chords"] == [["G:maj"], ["B:min"], ["C:maj"], ["D:7"]]
    assert [take.kind for take in kept()] == ["card", "card"]


def test_on_a_terminal_a_transcription_is_a_chart(rain: Path, capfd: Capture) -> None:
    assert main(["transcribe", str(rain)], FAKE) == 0
    shown = capfd.readouterr().out
    assert shown.startswith(
        "F major, 96 BPM, 4/4\n\n| F   | Am  | Bb  | C7  |\n  I     iii   IV    V7\n"
    )
    assert str(kept()[0].file) in shown


def test_what_holds_no_sound_is_told(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "empty.wav").touch()
    assert main(["transcribe", str(tmp_path / "empty.wav")], FAKE) == 2
    assert capfd.readouterr().err.endswith("empty.wav holds no sound\n")
    assert kept() == []


def test_the_next_chord_is_suggested(capfd: Capture) -> None:
    answer = told(capfd, "suggest", "F:maj D:min", "--key", "F:maj", "--most", "3")
    assert answer == {
        "key": "F:maj",
        "suggestions": [
            {"chord": "F:maj", "symbol": "F", "roman": "I", "probability": 0.5},
            {"chord": "G:min7", "symbol": "Gm7", "roman": "ii7", "probability": 0.25},
            {"chord": "A:min", "symbol": "Am", "roman": "iii", "probability": 0.125},
        ],
    }


@pytest.mark.parametrize(
    ("chords", "key"), [("F:maj Bb C:7", "F:maj"), ("A:min D:min E:7", "A:min")]
)
def test_a_key_that_is_not_said_is_heard(chords: str, key: str, capfd: Capture) -> None:
    assert told(capfd, "suggest", chords)["key"] == key


def test_on_a_terminal_suggestions_are_a_list(capfd: Capture) -> None:
    assert main(["suggest", "F:maj D:min", "--key", "F:maj", "--most", "2"], FAKE) == 0
    assert capfd.readouterr().out == ("key: F major\n  F    I     50.0%\n  Gm7  ii7   25.0%\n")
    assert not kept()


def test_help_names_every_field_of_an_ask_for_chords(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["chords", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for field in CHORD_FIELDS:
        if field.name not in {"text", "play", "insert", "reply"}:
            assert f"--{field.name.replace('_', '-')} " in shown
            assert field.words in shown
    assert {"chords", "transcribe", "suggest", "measure"} <= set(COMMANDS)


class Interrupting(FakeProposer):
    """Sends Ctrl-C to whoever asked, in the midst of the batch."""

    def serve(self, request: Propose, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        for proposal in super().serve(request, is_cancelled):
            if proposal.index == 2:
                os.kill(os.getppid(), signal.SIGINT)
                while not is_cancelled():
                    pass
            yield proposal


def test_a_proposer_of_ones_own_is_measured_once(home: Path, capfd: Capture) -> None:
    general = replace(openings(), proposer=partial(FakeProposer, name="general@0badcafe"))
    means = Means(open_fake, general)
    assert not any(card["accepted"] for card in told(capfd, "chords", means=means)["cards"])
    assert main(["measure", "--proposer", "general.gguf", "--count", "200"], means) == 0
    file = home / "proposers" / "general@0badcafe.json"
    shown = capfd.readouterr()
    assert shown.err == ""
    (m,) = json.loads(file.read_text("utf-8"))["m"].values()
    assert shown.out == f"general@0badcafe: 210 progressions, M {m:.3g}, kept in {file}\n"
    assert kept()[-1].model == "general@0badcafe"


def test_a_proposer_that_is_not_there_cannot_be_measured(tmp_path: Path, capfd: Capture) -> None:
    mine = tmp_path / "mine.gguf"
    assert main(["measure", "--proposer", str(mine)], Means(open_fake)) == 2
    words = f"bandmate: the proposer must be a GGUF file, and {mine} is not there\n"
    assert capfd.readouterr() == ("", words)


def test_ctrl_c_while_a_proposer_is_measured_is_quiet(home: Path, capfd: Capture) -> None:
    interrupting = replace(openings(), proposer=Interrupting)
    means = Means(open_fake, interrupting)
    assert main(["measure", "--proposer", "mine.gguf"], means) == 130
    assert capfd.readouterr() == ("", "")
    assert not (home / "proposers").exists()


def test_ctrl_c_while_chords_are_written_is_quiet(capfd: Capture) -> None:
    interrupting = replace(openings(), proposer=Interrupting)
    assert main(["chords", "a warm night"], Means(open_fake, interrupting)) == 130
    assert capfd.readouterr() == ("", "")
    assert kept() == []
