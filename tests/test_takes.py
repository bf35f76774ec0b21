"""Takes: a row and a file, both or neither, whatever happens; numbers are used once."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bandmate import paths
from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import read_chords
from bandmate.asks.song import Song
from bandmate.chords.cards import Card, ChordPlan
from bandmate.chords.playing import played
from bandmate.chords.progression import Progression
from bandmate.errors import AskError, FileError
from bandmate.loops.bars import clip_of
from bandmate.loops.plan import LoopPlan
from bandmate.music import midifile
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.chords import chord_plan_from_json, theme_of
from bandmate.plans.json_form import clip_from_json, clip_to_json
from bandmate.plans.loop import plan_from_json, plan_of
from bandmate.style.keywords import read_keywords
from bandmate.takes.files import file_name
from bandmate.takes.store import Take, Takes
from fakes import MODEL, fake_bars


@pytest.fixture
def takes() -> Takes:
    return Takes(paths.database(), paths.clips())


def plan(*pairs: tuple[str, object]) -> LoopPlan:
    return plan_of(LoopAsk.read([("seed", 7), *pairs]), Song())


def kept(takes: Takes, client: str = "daw", *pairs: tuple[str, object]) -> Take:
    asked = plan(*pairs)
    clip = clip_of(asked, fake_bars(asked))
    return takes.keep(client, asked, clip, model=MODEL, first_bar_ms=12.5, made_ms=40.0)


def chord_plan(bars: int = 2, keywords: str = "warm,nostalgic:0.5") -> ChordPlan:
    words = read_keywords(keywords)
    return ChordPlan(Key(5), bars, Meter(3, 4), 96.0, seed=3, keywords=words)


CARD = Card(
    Progression(Key(5), read_chords("F:maj7 D:min,C:7/E")),
    is_accepted=True,
    log_p=-3.5,
    ratio=1.25,
    proposer="proposer@00c0ffee",
    answers=("warm",),
)


def kept_card(takes: Takes, client: str = "daw") -> Take:
    clip = played(CARD.progression, meter=Meter(3, 4), tempo=96.0)
    return takes.keep(
        client, chord_plan(), clip, model=CARD.proposer, first_bar_ms=1.0, made_ms=2.0, card=CARD
    )


def files() -> list[str]:
    return sorted(file.name for file in paths.clips().iterdir())


def test_a_take_is_kept_with_all_that_made_it(takes: Takes) -> None:
    take = kept(takes, "daw", ("key", "A:min"), ("chords", "A:min F:maj7/3,N"), ("tempo", 96))
    assert (take.number, take.client, take.state, take.model) == (1, "daw", "made", MODEL)
    assert (take.seed, take.first_bar_ms, take.made_ms) == (7, 12.5, 40.0)
    assert plan_from_json(take.ask) == plan(
        ("key", "A:min"), ("chords", "A:min F:maj7/3,N"), ("tempo", 96)
    )
    assert take.clip == clip_of(plan_from_json(take.ask), fake_bars(plan_from_json(take.ask)))
    assert take.file.read_bytes() == midifile.to_bytes(take.clip)
    assert Takes(paths.database(), paths.clips()).get(1) == take


def test_a_card_is_kept_as_a_take(takes: Takes) -> None:
    loop, card = kept(takes), kept_card(takes)
    assert (loop.kind, loop.card) == ("loop", None)
    assert (card.number, card.kind, card.seed, card.model) == (2, "card", 3, "proposer@00c0ffee")
    assert card.card is not None
    assert card.card["chords"] == [["F:maj7"], ["D:min", "C:7/3"]]
    assert (card.card["accepted"], card.card["answers"]) == (True, ["warm"])
    assert chord_plan_from_json(card.ask) == chord_plan()
    assert card.file.name == "chords F 2 bars warm+nostalgic #2.mid"
    assert card.file.read_bytes() == midifile.to_bytes(card.clip)
    assert takes.accept(2).state == "accepted"
    assert Takes(paths.database(), paths.clips()).get(2) == takes.get(2)


def test_a_card_gives_a_theme_and_a_loop_does_not(takes: Takes) -> None:
    kept(takes), kept_card(takes)
    assert takes.theme(2) == theme_of(chord_plan(), takes.get(2).clip)
    assert [str(span.chord) for span in takes.theme(2).chords] == ["F:maj7", "D:min", "C:7/3"]
    with pytest.raises(AskError, match=r"card must be the number of a card, not of the loop 1"):
        takes.theme(1)
    with pytest.raises(AskError, match=r"take must be in 1..2, not 3"):
        takes.theme(3)


OLD_SCHEMA = """
CREATE TABLE takes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, client TEXT NOT NULL, made REAL NOT NULL,
    ask TEXT NOT NULL, seed INTEGER NOT NULL, clip TEXT NOT NULL, file TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'made', model TEXT NOT NULL, first_bar_ms REAL NOT NULL,
    made_ms REAL NOT NULL
);
"""


def test_a_database_of_an_older_bandmate_is_opened(takes: Takes) -> None:
    columns = "number, client, made, ask, seed, clip, file, state, model, first_bar_ms, made_ms"
    before = kept(takes)
    takes.close()
    with sqlite3.connect(paths.database()) as old:
        old.execute("ALTER TABLE takes RENAME TO newer")
        old.executescript(OLD_SCHEMA)
        old.execute(f"INSERT INTO takes ({columns}) SELECT {columns} FROM newer")
        old.execute("DROP TABLE newer")
    old.close()
    again = Takes(paths.database(), paths.clips())
    assert again.get(1) == before
    assert kept_card(again).number == 2
    assert Takes(paths.database(), paths.clips()).listed(9) == again.listed(9)


def test_a_cards_file_tells() -> None:
    assert file_name(chord_plan(1, ""), 9) == "chords F 1 bar #9.mid"
    assert (
        file_name(chord_plan(4, "sad,slow,warm,calm"), 9) == "chords F 4 bars sad+slow+warm #9.mid"
    )


NAMES = [
    (
        [("genre", "funk"), ("parts", "drums,bass"), ("key", "Am"), ("tempo", 96)],
        "funk drums+bass Am 96 #12.mid",
    ),
    (
        [("parts", "keys,keys"), ("key", "F#:dor"), ("tempo", 133.3333)],
        "loop keys+keys2 F# dor 133.33 #12.mid",
    ),
    ([("genre", "r&b"), ("parts", "pad"), ("tempo", 120)], "r&b pad C 120 #12.mid"),
]


@pytest.mark.parametrize(("pairs", "name"), NAMES)
def test_a_files_name_tells(pairs: list[tuple[str, object]], name: str) -> None:
    assert file_name(plan(*pairs), 12) == name


def test_a_file_that_lies_there_already_is_left_alone(takes: Takes) -> None:
    name = file_name(plan(), 1)
    (paths.clips() / name).write_text("a person's own")
    assert kept(takes).file.name == name.replace(".mid", " (2).mid")
    assert (paths.clips() / name).read_text() == "a person's own"


def test_a_take_is_found_by_number_by_client_and_in_a_list(takes: Takes) -> None:
    assert (takes.latest(), takes.latest("daw"), takes.listed(9)) == (None, None, [])
    with pytest.raises(AskError, match=r"take is not there before the first loop, not 1"):
        takes.get(1)
    first, second, third = kept(takes), kept(takes, "page"), kept(takes)
    assert (takes.latest(), takes.latest("page"), takes.latest("nobody")) == (third, second, None)
    assert takes.listed(2) == [third, second]
    assert takes.get(1) == first
    for number in (0, 4, -1):
        with pytest.raises(AskError, match=rf"take must be in 1..3, not {number}"):
            takes.get(number)
    with pytest.raises(FileError):
        takes.get(2**70)


def test_accept_and_reject_are_taken_back_one_by_one_each_client_its_own(takes: Takes) -> None:
    kept(takes), kept(takes), kept(takes, "page")
    assert takes.accept(1).state == "accepted"
    assert takes.reject(1).state == "rejected"
    assert takes.accept(2, "page").state == "accepted"
    assert takes.reject(3).state == "rejected"
    back = takes.undo("page"), takes.undo("page"), takes.undo("page")
    assert [(take.number, take.state) if take else None for take in back] == [
        (3, "made"),
        (2, "made"),
        None,
    ]
    back = takes.undo("daw"), takes.undo("daw"), takes.undo("daw")
    assert [take and take.state for take in back] == ["accepted", "made", None]
    with pytest.raises(AskError, match=r"take must be in 1..3, not 9"):
        takes.accept(9)


def is_full(file: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_takes_before_it(
    takes: Takes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(takes)
    data = before.file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", is_full)
        with pytest.raises(FileError, match=r"No space left on device"):
            kept(takes)
    assert files() == [before.file.name]
    assert (takes.listed(9), before.file.read_bytes()) == ([before], data)
    assert kept(takes).file.exists()
    assert len(files()) == len(takes.listed(9)) == 2


def test_a_disk_that_only_reads_is_told(takes: Takes, monkeypatch: pytest.MonkeyPatch) -> None:
    def only_reads(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    before = kept(takes)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", only_reads)
        patch.setattr(Path, "unlink", only_reads)
        with pytest.raises(FileError, match=r"cannot be written into .*: Read-only file system"):
            kept(takes)
    assert takes.listed(9) == [before]


def test_a_database_without_room_leaves_no_file(takes: Takes) -> None:
    before = kept(takes)
    pages = takes._db.execute("PRAGMA page_count").fetchone()[0]
    takes._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(FileError, match=r"database or disk is full"):
        kept(takes, "daw", ("bars", 64), ("parts", "keys,keys,keys,keys,pad,pad,pad,pad"))
    assert files() == [before.file.name]
    takes._db.execute("PRAGMA max_page_count = 100000")
    assert takes.listed(9) == [before]
    assert kept(takes).file.exists()


def test_a_number_is_not_used_again_where_the_file_could_not_get_its_name(
    takes: Takes, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def refuses(self: Path, target: Path) -> Path:
        if self.name.startswith(".take-"):
            raise OSError(errno.EACCES, "Permission denied")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuses)
        with pytest.raises(FileError, match=r"cannot be written: Permission denied"):
            kept(takes)
    assert (takes.listed(9), files()) == ([], [])
    assert kept(takes).number == 2


DIES = """
import os, pathlib, sys
import test_takes

takes = test_takes.Takes(test_takes.paths.database(), test_takes.paths.clips())
test_takes.kept(takes)
setattr({"os": os, "Path": pathlib.Path}[sys.argv[1]], sys.argv[2], lambda *args: os._exit(9))
test_takes.kept(takes)
"""


@pytest.mark.parametrize(("owner", "step", "count"), [("os", "fsync", 1), ("Path", "replace", 2)])
def test_a_crash_leaves_both_or_neither(owner: str, step: str, count: int) -> None:
    here = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([here, *sys.path])}
    command = [sys.executable, "-c", DIES, owner, step]
    assert subprocess.run(command, env=environment, check=False).returncode == 9
    assert len(files()) == 2  # the second lies aside, hidden
    takes = Takes(paths.database(), paths.clips())
    assert sorted(take.file.name for take in takes.listed(9)) == files()
    assert len(files()) == count
    assert kept(takes).number == count + 1


def test_two_processes_share_the_numbers(takes: Takes) -> None:
    other = Takes(paths.database(), paths.clips())
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda i: kept(other if i % 2 else takes), range(12)))
    assert sorted(take.number for take in found) == list(range(1, 13))
    assert sorted(take.file.name for take in found) == files()


def test_what_is_no_database_is_told(home: Path) -> None:
    home.mkdir()
    paths.database().write_bytes(b"not a database, but long enough to look like something" * 30)
    with pytest.raises(FileError, match=r"takes cannot be kept in .*file is not a database"):
        Takes(paths.database(), paths.clips())


def test_a_clips_folder_that_cannot_be_made_is_told(home: Path) -> None:
    home.mkdir()
    (home / "clips").write_text("a file")
    with pytest.raises(FileError, match=r"the clips folder .*clips cannot be made: File exists"):
        Takes(paths.database(), paths.clips())


def test_a_database_that_breaks_later_is_told(takes: Takes) -> None:
    kept(takes)
    other = sqlite3.connect(paths.database())
    other.execute("DROP TABLE takes")
    other.close()
    with pytest.raises(FileError, match=r"cannot be read: no such table"):
        takes.latest()
    with pytest.raises(FileError, match=r"cannot be written: no such table"):
        kept(takes)


def test_a_clip_comes_back_exactly() -> None:
    asked = plan(("meter", "7/8"), ("chords", "C:7(#9) N"), ("bars", 3))
    clip = clip_of(asked, fake_bars(asked))
    assert clip_from_json(clip_to_json(clip)) == clip


def test_the_mark_of_one_take_is_taken_back_whoever_made_it(takes: Takes) -> None:
    kept(takes), kept(takes)
    takes.accept(1, "tablet"), takes.accept(1, "tablet"), takes.accept(2, "page")
    undone = takes.undo("page", 1)
    assert undone and (undone.number, undone.state) == (1, "made")
    assert takes.undo("page", 1) is None
    assert takes.get(2).state == "accepted"


def test_the_take_that_a_client_accepted_last_is_found_by_its_meter(takes: Takes) -> None:
    first, second = kept(takes), kept(takes)
    waltz = kept(takes, "daw", ("meter", "3/4"))
    assert takes.accepted("daw", Meter()) is None
    for take in (second, first, waltz):
        takes.accept(take.number, "daw")
    found = takes.accepted("daw", Meter())
    assert found
    assert (found.number, found.clip) == (first.number, first.clip)
    other = takes.accepted("daw", Meter(3, 4))
    assert other
    assert other.number == waltz.number
    assert takes.accepted("daw", Meter(6, 8)) is None
    takes.reject(first.number, "daw")
    again = takes.accepted("daw", Meter())
    assert again
    assert again.number == second.number
    assert takes.accepted("page", Meter()) is None


def test_a_star_a_name_and_a_parent_are_kept_and_told(takes: Takes) -> None:
    first = kept(takes)
    told: list[tuple[int, str]] = []
    takes.on_change = lambda take, news: told.append((take.number, news))
    asked = plan()
    clip = clip_of(asked, fake_bars(asked))
    edited = takes.keep(
        "page", asked, clip, model=MODEL, first_bar_ms=0.0, made_ms=0.0, parent=first.number
    )
    takes.star(1, True)
    takes.name(2, "Rainy ♭")
    takes.star(1, False)
    takes.star(2, True)
    assert told == [(2, "made"), (1, "starred"), (2, "named"), (1, "starred"), (2, "starred")]
    again = Takes(paths.database(), paths.clips())
    one, two = again.get(1), again.get(2)
    assert (one.is_starred, one.title, one.name, one.parent) == (False, "", first.file.stem, 0)
    assert (two.is_starred, two.title, two.name, two.parent) == (True, "Rainy ♭", "Rainy ♭", 1)
    assert two.file == edited.file
    with pytest.raises(AskError, match=r"take must be in 1\.\.2, not 3"):
        takes.star(3, True)
    with pytest.raises(AskError, match=r"take must be in 1\.\.2, not 3"):
        takes.name(3, "x")


def test_takes_are_found_by_words_kind_and_star(takes: Takes) -> None:
    kept(takes, "daw", ("genre", "funk"), ("key", "A:min"))
    kept_card(takes)
    kept(takes, "daw", ("genre", "jazz"))
    takes.name(3, "Été 100%_")

    def numbers(words: str = "", kind: str = "", **more: Any) -> list[int]:
        return [take.number for take in takes.found(words, kind, **more)]

    assert numbers() == [3, 2, 1]
    assert numbers(kind="card") == numbers("warm") == [2]
    assert numbers("AM funk") == numbers(kind="loop", before=3) == [1]
    assert (numbers("été"), numbers("100%_"), numbers("jazz ÉTÉ")) == ([3], [3], [3])
    assert numbers("funk jazz") == numbers("_%") == numbers(starred=True) == []
    assert numbers(limit=1) == [3]
    assert numbers("' OR 1 --") == []


def test_what_one_page_accepts_another_of_the_same_person_takes_back(takes: Takes) -> None:
    first = kept(takes, "panel#50123")
    takes.accept(1, "panel#50123")
    assert takes.latest("panel#50124") == takes.get(1)
    assert takes.accepted("panel#50125", first.clip.meter) == takes.get(1)
    assert takes.undo("udp:1") is None
    undone = takes.undo("panel#50124")
    assert undone and (undone.state, undone.client) == ("made", "panel")
