"""Takes in a bad state: each row and each file fails alone, and what is kept stays."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.app.cli import Means, main
from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.compose.loops import _given_take
from bandmate.errors import AskError, FileError
from bandmate.music import midifile
from bandmate.plans.loop import plans_of
from bandmate.takes.files import free
from bandmate.takes.store import Takes
from fakes import open_fake
from fakes_chords import openings
from test_takes import files, kept, kept_card

TAKES = 5
"""Kept before each story; the third is damaged."""


@pytest.fixture
def takes() -> Iterator[Takes]:
    opened = Takes(paths.database(), paths.clips())
    for _ in range(TAKES - 1):
        kept(opened)
    kept_card(opened)
    yield opened
    opened.close()


def damages(column: str, value: object, number: int = 3) -> None:
    """Write what the schema refuses into a row, as another program or a bad disk does."""
    with closing(sqlite3.connect(paths.database())) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'takes'"
        )
        db.commit()
    with closing(sqlite3.connect(paths.database())) as db:
        query = f"UPDATE takes SET {column} = ? WHERE number = ?"
        if isinstance(value, bytes) and column != "seed":  # as text that is no UTF-8
            query = f"UPDATE takes SET {column} = CAST(? AS TEXT) WHERE number = ?"
        db.execute(query, (value, number))
        db.commit()


GOOD = json.dumps(
    {"length": 4.0, "tempo": 96.0, "meter": "4/4", "key": "", "chords": [], "parts": []}
)


def clip_with(**changed: object) -> str:
    return json.dumps(json.loads(GOOD) | changed)


UNREADABLE = {
    "a clip that is no JSON": ("clip", '{"length": 4'),
    "an empty clip": ("clip", ""),
    "a clip that is NULL": ("clip", None),
    "a clip that is a number": ("clip", 7),
    "a clip that is no UTF-8": ("clip", b'{"length": "\xff\xfe"}'),
    "a clip in half a letter": ("clip", clip_with(parts=[["\ud800", 0, []]])),
    "a clip that is a list": ("clip", "[1, 2]"),
    "a clip that is deep": ("clip", "[" * 100_000),
    "a clip without parts": ("clip", '{"length": 4.0}'),
    "a clip whose length is a text": ("clip", clip_with(length="long")),
    "a clip without an end": ("clip", '{"length": Infinity, ' + GOOD.partition(",")[2]),
    "a clip whose tempo is no number": ("clip", clip_with(tempo=float("nan"))),
    "a clip at no tempo": ("clip", clip_with(tempo=0)),
    "a clip of another meter": ("clip", clip_with(meter="4 to the floor")),
    "a clip of another key": ("clip", clip_with(key="H:dur")),
    "a note that is too high": ("clip", clip_with(parts=[["keys", 0, [[0.0, 400, 1.0, 90]]]])),
    "a note at no time": ("clip", clip_with(parts=[["keys", 0, [["now", 60, 1.0, 90]]]])),
    "a note that lacks a value": ("clip", clip_with(parts=[["keys", 0, [[0.0, 60]]]])),
    "a part with a number for a name": ("clip", clip_with(parts=[[4, 0, []]])),
    "a program that is a text": ("clip", clip_with(parts=[["keys", "piano", []]])),
    "a wheel that is none": ("clip", clip_with(parts=[["keys", 0, [], ["x", 1, 2]]])),
    "a chord without a place": ("clip", clip_with(chords=[["a", "b", "C:maj"]])),
    "a seed that is a text": ("seed", "seven"),
    "a seed that is bytes": ("seed", b"\x00\x01"),
    "a time that is a text": ("made", "yesterday"),
    "a time that is NULL": ("made_ms", None),
    "a state of another version": ("state", "archived"),
    "a kind of another version": ("kind", "riff"),
    "no file": ("file", None),
    "a parent that is a text": ("parent", "its mother"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_row_that_nobody_can_read_fails_alone(
    case: str, takes: Takes, caplog: pytest.LogCaptureFixture
) -> None:
    takes.accept(2), takes.accept(3), takes.accept(1)
    damages(*UNREADABLE[case])
    for opened in (takes, Takes(paths.database(), paths.clips())):
        assert [take.number for take in opened.listed()] == [5, 4, 2, 1]
        assert [take.number for take in opened.found("", limit=3)] == [5, 4, 2]
        assert [take.number for take in opened.found("loop")] == [4, 2, 1]
        assert [take.number for take in opened.found("", before=4)] == [2, 1]
        latest = opened.latest()
        assert latest and latest.number == 5
        assert opened.get(4).number == 4
        for use in (opened.get, opened.accept, opened.reject):
            with pytest.raises(FileError, match=r"^take 3 cannot be read \(.*\): the others can"):
                use(3)
        with pytest.raises(FileError, match="take 3 cannot be read"):
            opened.star(3, True)
        accepted = opened.accepted("daw", opened.get(1).clip.meter)
        assert accepted and accepted.number == 1
        new = kept(opened)
        assert opened.get(new.number) == new
        opened.star(new.number, True)
        if opened is not takes:
            opened.close()
            break
        with closing(sqlite3.connect(paths.database())) as db:
            db.execute("DELETE FROM takes WHERE number = ?", (new.number,))
            db.commit()
    assert sum("take 3 cannot be read" in r.getMessage() for r in caplog.records) == 2


def test_the_latest_is_the_latest_that_can_be_read(takes: Takes) -> None:
    damages("clip", "{", 5)
    damages("clip", "{", 4)
    for found in (takes.latest(), takes.latest("daw")):
        assert found and found.number == 3


def test_marks_are_taken_back_past_a_take_that_nobody_can_read(takes: Takes) -> None:
    for number in (1, 2, 3):
        takes.accept(number)
    damages("clip", "{")
    back = [takes.undo("daw"), takes.undo("daw"), takes.undo("daw")]
    assert [take and take.number for take in back] == [2, 1, None]


@pytest.mark.parametrize(
    ("column", "value"), [("title", b"Caf\xe9"), ("title", None), ("client", None), ("model", 7)]
)
def test_what_is_only_shown_hides_no_take(takes: Takes, column: str, value: object) -> None:
    damages(column, value)
    assert [take.number for take in takes.listed()] == [5, 4, 3, 2, 1]
    assert 3 in [take.number for take in takes.found("loop")]
    assert takes.found("caf") == ([takes.get(3)] if value == b"Caf\xe9" else [])


PLANS = {
    "no JSON": "{",
    "a list": "[]",
    "NULL": None,
    "of a newer version": '{"bars": 4, "key": "C", "meter": "4/4", "mood": 1}',
    "without its parts": '{"bars": 4}',
    "with a text for bars": None,
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("case", PLANS)
def test_a_plan_of_another_version_leaves_the_notes(case: str, takes: Takes) -> None:
    good = takes.get(3)
    value = PLANS[case]
    if case == "with a text for bars":
        value = json.dumps(json.loads(good.ask) | {"bars": "four"})
    damages("ask", value)
    take = takes.get(3)
    assert (take.clip, take.genre) == (good.clip, "")
    given = _given_take(take)
    assert given.plan is None
    (plan,) = plans_of(LoopAsk.read([("like", 3), ("seed", 1)]), Song(), given=(given,))
    assert plan.bars == good.clip.bars


def test_a_card_of_another_version_is_told(takes: Takes) -> None:
    assert takes.theme(5).bars == 2
    damages("ask", '{"bars": 2}', 5)
    with pytest.raises(FileError, match=r"the plan of card 5 cannot be read \(.*\): ask for new"):
        takes.theme(5)
    for card in ("{", "[]", '{"romans": [["I"], 7]}', '{"answers": "warm"}', None):
        damages("card", card, 5)
        assert [take.number for take in takes.listed()] == [4, 3, 2, 1]


# files


def test_what_lies_in_the_way_of_a_take_is_named_and_passed_by(
    takes: Takes, caplog: pytest.LogCaptureFixture
) -> None:
    clips, before = paths.clips(), files()
    (clips / ".take-6.mid").mkdir()
    (clips / ".take-6.mid" / "a person's own").touch()
    (clips / ".take-7.mid").write_bytes(b"left")
    (clips / ".take-2.mid").write_bytes(b"left")
    (clips / ".take-mine.mid").write_bytes(b"a person's own")
    data = takes.get(2).file.read_bytes()
    again = Takes(paths.database(), clips)
    assert files() == sorted([*before, ".take-6.mid", ".take-mine.mid"])
    assert takes.get(2).file.read_bytes() == data
    assert any(".take-6.mid cannot be cleared away" in r.getMessage() for r in caplog.records)
    made = kept(again)
    assert (made.number, made.file.read_bytes()) == (6, midifile.to_bytes(made.clip))
    again.close()


def test_a_take_that_a_crash_left_aside_is_kept_though_its_folder_is_gone(takes: Takes) -> None:
    old = takes.get(2)
    data = old.file.read_bytes()
    damages("file", str(paths.clips() / "gone" / "loop #2.mid"), 2)
    old.file.rename(paths.clips() / ".take-2.mid")
    again = Takes(paths.database(), paths.clips())
    found = again.get(2)
    assert (found.file, found.file.read_bytes()) == (paths.clips() / "loop #2.mid", data)
    again.close()


def test_the_file_of_a_take_fails_alone_too(takes: Takes, caplog: pytest.LogCaptureFixture) -> None:
    one, two, three, four = (takes.get(number).file for number in (1, 2, 3, 4))
    one.unlink()
    two.unlink()
    two.mkdir()
    data = three.read_bytes()
    three.write_bytes(b"")
    four.write_bytes(b"RIFF")
    again = Takes(paths.database(), paths.clips())
    assert [take.number for take in again.listed()] == [5, 4, 3, 2, 1]
    assert three.read_bytes() == data
    told = [r.getMessage() for r in caplog.records if "the file of take" in r.getMessage()]
    assert len(told) == 3
    assert any("take 2" in words and "a folder lies in its place" in words for words in told)
    assert any("take 3" in words and "written anew" in words for words in told)
    assert any("take 4" in words and "no MIDI file any more" in words for words in told)
    again.close()


def test_a_hundred_files_of_one_name_are_no_end(tmp_path: Path) -> None:
    for name in ("a.mid", *(f"a ({i}).mid" for i in range(2, 100))):
        (tmp_path / name).touch()
    found = free(tmp_path / "a.mid")
    assert not found.exists() and found.suffix == ".mid"


# the database as a whole


def test_a_newer_database_is_refused_and_left_as_it_is(takes: Takes) -> None:
    takes.close()
    with closing(sqlite3.connect(paths.database())) as db:
        db.execute("PRAGMA user_version = 99")
    before = paths.database().read_bytes()
    words = r"was written by a newer bandmate \(its form is 99, .*\): install the newest bandmate"
    with pytest.raises(FileError, match=words):
        Takes(paths.database(), paths.clips())
    assert paths.database().read_bytes() == before


@pytest.mark.parametrize(
    "command", ["serve --midi-api none", "loop --bars 1", "chords --bars 1", "shelf"]
)
def test_every_command_refuses_a_newer_database_in_a_sentence(
    command: str, takes: Takes, capfd: pytest.CaptureFixture[str]
) -> None:
    takes.close()
    with closing(sqlite3.connect(paths.database())) as db:
        db.execute("PRAGMA user_version = 99")
    assert main(command.split(), Means(open_fake, openings())) != 0
    out, err = capfd.readouterr()
    assert "was written by a newer bandmate" in err and "Traceback" not in err
    assert out == ""


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_database_that_is_cut_off_is_no_accident_of_ours(takes: Takes, share: float) -> None:
    takes.close()
    data = paths.database().read_bytes()
    paths.database().write_bytes(data[: int(len(data) * share)])
    try:
        again = Takes(paths.database(), paths.clips())
        kept(again)
        again.close()
    except FileError as error:
        assert "move it away" in str(error)


def test_one_that_another_program_holds_is_told_with_the_cure(
    takes: Takes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bandmate.takes.database.BUSY_SECONDS", 0.05)
    again = Takes(paths.database(), paths.clips())
    with closing(sqlite3.connect(paths.database(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileError, match="database is locked: another program holds it"):
            kept(again)
        assert len(again.listed()) == TAKES
        with pytest.raises(FileError, match="database is locked: another program holds it"):
            Takes(paths.database(), paths.clips())
        other.execute("ROLLBACK")
    assert kept(again).number == TAKES + 1
    again.close()


def test_one_that_may_only_be_read_is_told_with_the_cure(takes: Takes) -> None:
    takes._db.execute("PRAGMA query_only = ON")
    with pytest.raises(FileError, match="readonly database: let your user write it"):
        kept(takes)
    assert len(takes.listed()) == TAKES


KILLED = """
import os, signal, test_takes
takes = test_takes.Takes(test_takes.paths.database(), test_takes.paths.clips())
for _ in range(3):
    takes.accept(test_takes.kept(takes).number)
os.kill(os.getpid(), signal.SIGKILL)
"""

FULL = """
import resource, signal, test_takes
takes = test_takes.Takes(test_takes.paths.database(), test_takes.paths.clips())
before = test_takes.kept(takes)
resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))
refused = 0
for _ in range(40):
    try:
        test_takes.kept(takes, "daw", ("bars", 16))
    except test_takes.FileError as error:
        refused += 1
assert refused, "nothing was refused"
assert takes.get(1) == before
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
after = test_takes.kept(takes)
names = sorted(take.file.name for take in takes.listed(99))
assert names == test_takes.files(), (names, test_takes.files())
"""


def runs(script: str) -> int:
    here = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([here, *sys.path])}
    return subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode


def test_a_journal_that_a_kill_left_is_read() -> None:
    assert runs(KILLED) == -signal.SIGKILL
    assert paths.database().with_name("takes.sqlite3-wal").stat().st_size
    takes = Takes(paths.database(), paths.clips())
    assert [(take.number, take.state) for take in takes.listed()] == [
        (number, "accepted") for number in (3, 2, 1)
    ]
    takes.close()


@pytest.mark.parametrize("limit", [200, 120_000])
def test_a_disk_that_fills_up_keeps_both_or_neither(limit: int) -> None:
    assert resource.RLIM_INFINITY
    assert runs(FULL.replace("LIMIT,", f"{limit},")) == 0


JOURNALS = [("",), ("", "-wal", "-shm"), ("-wal",), ("-shm",), ("-wal", "-shm")]


@pytest.mark.parametrize("gone", JOURNALS)
def test_a_database_that_is_deleted_while_we_run_is_written_anew(
    gone: tuple[str, ...], takes: Takes, caplog: pytest.LogCaptureFixture
) -> None:
    takes.accept(2)
    takes.star(3, True)
    before = takes.listed()
    for suffix in gone:
        paths.database().with_name(f"takes.sqlite3{suffix}").unlink()
    takes.mend()
    assert any(
        "was deleted while bandmate ran; all takes" in r.getMessage() for r in caplog.records
    )
    assert takes.listed() == before
    made = kept(takes)
    assert runs(KILLED.replace("range(3)", "range(0)")) == -signal.SIGKILL
    other = Takes(paths.database(), paths.clips())
    assert other.listed() == [made, *before]
    undone = other.undo("daw")
    assert undone and undone.number == 2
    other.close()


@pytest.mark.parametrize("step", ["keep", "accept", "star", "undo", "close"])
def test_the_next_step_notices_it_too(takes: Takes, step: str) -> None:
    takes.accept(1)
    paths.database().unlink()
    steps = {
        "keep": lambda: kept(takes),
        "accept": lambda: takes.accept(2),
        "star": lambda: takes.star(2, True),
        "undo": lambda: takes.undo("daw"),
        "close": takes.close,
    }
    steps[step]()
    other = Takes(paths.database(), paths.clips())
    assert len(other.listed()) == TAKES + (step == "keep")
    other.close()


def test_all_of_home_may_be_deleted_while_we_run(takes: Takes) -> None:
    shutil.rmtree(paths.home())
    made = kept(takes)
    assert made.file.is_file()
    assert [take.number for take in takes.listed()] == [6, 5, 4, 3, 2, 1]
    other = Takes(paths.database(), paths.clips())
    assert other.listed() == takes.listed()
    other.close()


def test_a_clips_folder_that_is_deleted_is_made_again(
    takes: Takes, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(paths.clips())
    takes.mend()
    assert paths.clips().is_dir()
    assert any("clips was deleted, and is made again" in r.getMessage() for r in caplog.records)
    shutil.rmtree(paths.clips())
    assert kept(takes).file.is_file()
    shutil.rmtree(paths.clips())
    paths.clips().write_text("in the way")
    with pytest.raises(FileError, match=r"the clips folder .* cannot be made: File exists"):
        kept(takes)
    paths.clips().unlink()
    assert kept(takes).number == TAKES + 2


def test_a_database_that_is_put_in_its_place_is_used_and_the_old_one_stays(takes: Takes) -> None:
    first = takes.listed()
    other_home = paths.home() / "other"
    other = Takes(other_home / "takes.sqlite3", other_home / "clips")
    theirs = kept(other)
    other.close()
    (other_home / "takes.sqlite3").replace(paths.database())
    takes.mend()
    assert takes.listed() == [theirs]
    (aside,) = paths.home().glob("takes 2*.sqlite3")
    kept_aside = Takes(aside, paths.clips())
    assert kept_aside.listed() == first
    kept_aside.close()


@pytest.mark.parametrize("kind", ["rubbish", "newer", "folder"])
def test_rubbish_in_its_place_is_told_and_nothing_is_lost(
    kind: str, takes: Takes, caplog: pytest.LogCaptureFixture
) -> None:
    before, database = takes.listed(), paths.database()
    database.unlink()
    if kind == "newer":
        with closing(sqlite3.connect(paths.home() / "newer")) as db:
            db.execute("PRAGMA user_version = 99")
        (paths.home() / "newer").rename(database)
    elif kind == "folder":
        database.mkdir()
    else:
        database.write_bytes(b"rubbish " * 500)
    takes.mend()
    takes.mend()
    assert sum("replaced by what cannot be read" in r.getMessage() for r in caplog.records) == 1
    assert takes.listed() == before
    made = kept(takes)
    (other,) = paths.home().glob("takes * unreadable.sqlite3")
    assert other.is_dir() or other.stat().st_size
    again = Takes(database, paths.clips())
    assert again.listed() == [made, *before]
    again.close()


def test_half_letters_are_no_database_trouble(takes: Takes) -> None:
    for use in (lambda: takes.found("\ud800"), lambda: takes.name(1, "\ud800")):
        with pytest.raises((FileError, AskError)):
            use()
    assert takes.get(1).title == ""
