"""The REAPER bridge does what somebody else wants done, as its actions do it, and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.contract.messages import Atom, Message
from bridges.fake_daemon import FakeDaemon, pairs
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import CARDS, CLIP, FOLLOW, SCRIPT, VARY, get_chords, heard

Answer = tuple[Atom, ...]


def told(reaper: FakeReaper, daemon: FakeDaemon, *wishes: str) -> list[Message]:
    """Let REAPER wait, want something of it, and return all that it sends then."""
    reaper.run(FOLLOW)
    client = daemon.asked()[0][0]
    for number, wish in enumerate(wishes):
        daemon.answer(client, Message("/bandmate/bridge/do", (f"do-{number}", wish)))
    reaper.settle()
    return [message for _, message in daemon.asked()]


def answers(messages: list[Message]) -> list[Answer]:
    """Return the answers: id and words of what is done; id, code and words of what is not."""
    own = ("/bandmate/bridge/done", "/bandmate/error")
    return [m.arguments for m in messages if m.address in own]


def loops(messages: list[Message]) -> list[dict[str, Atom]]:
    """Return what the asks for loops name."""
    return [pairs(m) for m in messages if m.address == "/bandmate/loop/ask"]


def test_a_loop_is_asked_for_and_comes_to_the_selected_track(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(FOLLOW)
    client = daemon.asked()[0][0]
    daemon.answer(client, Message("/bandmate/bridge/do", ("do-1", "loop bars=8 genre='hip hop'")))
    reaper.settle()
    letters = [message for _, message in daemon.asked()]
    assert answers(letters) == [("do-1", "a loop is asked for")]
    ((said),) = loops(letters)
    assert (said["bars"], said["genre"]) == (8, "hip hop")
    (ask,) = [m for m in letters if m.address == "/bandmate/loop/ask"]
    daemon.answer(client, *daemon.made(ask.arguments[0], CLIP))
    reaper.tick()
    assert (len(reaper.items), reaper.console) == (3, [])


def test_what_was_named_counts_for_that_once(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    first, second = loops(told(reaper, daemon, "loop seed=7", "loop"))
    assert first["seed"] == "7" and "seed" not in second
    assert reaper.project_ext == {} and ("bandmate", "seed") not in reaper.ext


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize(
    ("wish", "named", "words"),
    [
        ("vary", "vary=0.5", "a variation is asked for"),
        ("vary vary=0.2", "vary=0.2", "a variation is asked for"),
        ("fill", "refill=2-2", "new notes for those bars are asked for"),
        ("continue", "continues=on", "what follows is asked for"),
        ("add drums", "add=drums", "drums are asked for"),
        ("add bass", "add=bass", "a bass is asked for"),
        ("add keys", "add=keys", "keys are asked for"),
    ],
)
def test_what_is_selected_is_changed(
    reaper: FakeReaper, daemon: FakeDaemon, wish: str, named: str, words: str
) -> None:
    if wish == "fill":
        reaper.selection = (5.0, 7.5)  # of beats 4..12 at 96 the second half
    letters = told(reaper, daemon, wish)
    assert answers(letters) == [("do-0", words)]
    (said,) = loops(letters)
    name, _, value = named.partition("=")
    assert said[name] == value and heard(said).note_count == 8


@pytest.mark.parametrize(
    ("wish", "text", "keywords"),
    [
        ('chords text="rain on a roof"', "rain on a roof", None),
        ("chords keywords=warm:0.8,slow!", None, "warm:0.8,slow!"),
        ("chords", None, "mine"),
    ],
)
def test_chords_are_asked_for_without_a_dialog(
    reaper: FakeReaper, daemon: FakeDaemon, wish: str, text: str | None, keywords: str | None
) -> None:
    reaper.project_ext |= {("bandmate", "phrase"): "before", ("bandmate", "keywords"): "mine"}
    letters = told(reaper, daemon, wish)
    assert answers(letters) == [("do-0", "chords are asked for")]
    (said,) = [pairs(m) for m in letters if m.address == "/bandmate/chords/ask"]
    assert (said.get("text"), said.get("keywords")) == (text, None if text else keywords)
    assert reaper.dialogs == []


def test_takes_are_turned_accepted_and_rejected(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, CARDS)
    (item,) = reaper.items
    item.is_selected = True
    letters = told(reaper, daemon, "next", "next", "previous", "accept", "reject")
    assert [words for _, words in answers(letters)] == [
        "the next take sounds",
        "the next take sounds",
        "the take before it sounds",
        "bandmate is told that the take is accepted",
        "bandmate is told that the take is rejected, and it is out of the project",
    ]
    marks = [(m.address, *m.arguments[1:]) for m in letters if "/take/" in m.address]
    assert marks == [("/bandmate/take/accept", 13), ("/bandmate/take/reject", 13)]
    assert len(item.takes) == 3


@pytest.mark.parametrize(
    ("wish", "code", "words"),
    [
        ("dance", "ask", "what is to be done must be one of loop, chords, vary, fill, continue, "
         "add drums, add bass, add keys, accept, reject, next, previous, not 'dance'"),
        ("add kazoo", "ask", "what is to be done must be one of"),
        ("", "ask", "what is to be done must be one of"),
        ("loop colour=red", "ask", "REAPER has no setting 'colour'"),
        ("loop text=rain", "ask", "text is for chords alone"),
        ("vary", "unavailable", "select the MIDI item that is to be varied, then ask again."),
        ("next", "unavailable", "no selected item has several takes"),
        ("accept", "unavailable", "select an item of bandmate's that is to be accepted."),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_answered_in_words_and_not_in_the_console(
    reaper: FakeReaper, daemon: FakeDaemon, wish: str, code: str, words: str
) -> None:
    letters = told(reaper, daemon, wish)
    ((id_, own_code, own_words),) = answers(letters)
    assert (id_, own_code) == ("do-0", code) and str(own_words).startswith(words)
    assert (loops(letters), reaper.console) == ([], [])


def test_an_action_that_fails_is_answered_and_the_next_is_done(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(FOLLOW)
    client = daemon.asked()[0][0]
    right = reaper.GetCursorPosition

    def failing() -> float:
        reaper.GetCursorPosition = right  # type: ignore[method-assign]
        raise RuntimeError("no cursor")

    reaper.GetCursorPosition = failing  # type: ignore[method-assign]
    for number in range(2):
        daemon.answer(client, Message("/bandmate/bridge/do", (f"do-{number}", "loop seed=7")))
    reaper.settle()
    failed, done = answers([message for _, message in daemon.asked()])
    assert failed[:2] == ("do-0", "unavailable") and "no cursor" in str(failed[2])
    assert done == ("do-1", "a loop is asked for")


def test_whichever_action_ran_last_does_it(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(FOLLOW)
    reaper.run(SCRIPT)
    client, _, _ = daemon.asked_for_loops()[-1]
    daemon.answer(client, Message("/bandmate/bridge/do", ("do-1", "loop")))
    reaper.settle()
    assert answers([m for _, m in daemon.asked()]) == [("do-1", "a loop is asked for")]


def test_what_was_wanted_while_nothing_waited_is_not_done_later(
    reaper: FakeReaper, daemon: FakeDaemon, home: Path
) -> None:
    reaper.run(FOLLOW)
    client = daemon.asked()[0][0]
    reaper._runs.clear()
    daemon.answer(client, Message("/bandmate/bridge/do", ("do-1", "loop")))
    reaper.run(VARY)  # nothing is selected: it waits for nothing
    reaper.run(FOLLOW)
    reaper.settle()
    letters = [message for _, message in daemon.asked()]
    assert answers(letters) == [
        ("do-1", "unavailable", "REAPER was not waiting then; say it again")
    ]
    assert (loops(letters), daemon.files()) == ([], [])
