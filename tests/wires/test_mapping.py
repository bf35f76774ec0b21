"""The mapping: the shipped one, what is read, mistakes by line, and learning by text."""

from __future__ import annotations

import re

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.contract.actions import ACTIONS
from bandmate.contract.addresses import ADDRESSES
from bandmate.errors import AskError, FileError
from bandmate.surfaces.controls import Control
from bandmate.surfaces.mapping import SHIPPED, PadPlan, learned, read_mapping


def asks(text: str) -> dict[str, str]:
    """Return what each control of a mapping asks."""
    return {str(one.control): str(one.request) for one in read_mapping(text).bindings}


def shipped() -> str:
    return SHIPPED.read_text("utf-8")


def test_the_shipped_mapping_uses_no_control_that_music_is_made_with() -> None:
    mapping = read_mapping(shipped())
    numbers = [one.control.number for one in mapping.bindings]
    # Of all controllers, 102 to 119 alone mean nothing anywhere.
    assert numbers == list(range(102, 102 + len(numbers)))
    assert numbers[-1] <= 119
    assert {one.control.kind for one in mapping.bindings} == {"cc"}
    assert mapping.pads is None


def test_the_shipped_pads_can_be_had_by_taking_the_signs_away() -> None:
    text = re.sub(r"^# (pads:|  )", r"\1", shipped(), flags=re.MULTILINE)
    pads = read_mapping(text).pads
    assert pads == PadPlan(channel=9)


def test_the_shipped_mapping_reaches_every_action_but_chords() -> None:
    mapped = {one.request.action.name for one in read_mapping(shipped()).bindings}
    assert mapped == ACTIONS.keys() - {"chords"}


def test_every_action_is_a_message_that_the_desk_takes() -> None:
    for action in ACTIONS.values():
        row = ADDRESSES[f"/bandmate/{action.address}"]
        known = {field.name for field in row.pairs}
        assert {name for name, _ in action.usual} <= known
        assert action.main in {"", *known}
        assert action.take in {"", "first", *known}
        assert row.takes or action.take != "first"


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        ("loop", (("at", "bar"),)),
        ("{loop: tight-funk}", (("preset", "tight-funk"), ("at", "bar"))),
        ("{loop: {bars: 8, play: off}}", (("bars", 8), ("play", "off"))),
        ("{loop: {parts: [drums, bass], at: 2 bars}}", (("parts", "drums,bass"), ("at", "2 bars"))),
        ("{vary: 0.5}", (("vary", 0.5), ("at", "bar"))),
        ("{answer: drums}", (("way", "drums"), ("at", "bar"))),
        ("{chords: rain}", (("text", "rain"),)),
        ("undo", ()),
    ],
)
def test_what_a_control_asks(written: str, pairs: tuple[tuple[str, object], ...]) -> None:
    (binding,) = read_mapping(f"controls:\n  cc 80: {written}\n").bindings
    assert binding.request.pairs == pairs
    if binding.request.action.name == "loop":
        LoopAsk.read(binding.request.pairs)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("controls:\n  cc 80: loop\n  cc 81: varry\n", r"such as vary.*not 'varry' \(line 3\)"),
        ("controls:\n  pedal: loop\n", r"written like cc 80.*not 'pedal' \(line 2\)"),
        ("controls:\n\n  cc 80: {loop: {barz: 4}}\n", r"'barz', try bars.* \(line 3\)"),
        ("controls:\n  cc 80: {loop: {bars: 99}}\n", r"bars must be in 1..64, not 99 \(line 2\)"),
        ("controls:\n  cc 80: {vary: 2}\n", r"vary must be in 0..1, not 2 \(line 2\)"),
        ("controls:\n  cc 80: {vary: {take: 2}}\n", r"vary has nothing called 'take'"),
        ("controls:\n  cc 80: {undo: 2}\n", r"undo must stand alone, not with 2 \(line 2\)"),
        ("controls:\n  cc 80: {loop: 1, vary: 1}\n", r"must ask one thing.* \(line 2\)"),
        ("controls:\n  cc 80:\n", r"must ask one thing.* \(line 2\)"),
        ("controls:\n  cc 80: loop\n  cc 80: vary\n", r"cc 80 must be said once.*lines 2 and 3"),
        ("controls:\n  cc 80: loop\n  CC  80: vary\n", r"cc 80 must be said once.*lines 2 and 3"),
        ("control:\n  cc 80: loop\n", r"nothing called 'control' \(line 1\), try controls"),
        ("- cc 80\n", r"lines of `name: value` \(line 1\)"),
        ("controls: [loop]\n", r"lines of `name: value` \(line 1\)"),
        ("pads:\n  notes: 51-36\n", r"such as 36-51, not '51-36' \(line 2\)"),
        ("pads:\n  chords: H\n", r"chord must be written like.* \(line 2\)"),
        ("pads:\n  voicing: wide\n", r"voicing must be.* \(line 2\)"),
        ("pads:\n  sounds_on: 17\n", r"sounds_on must be in 1..16, not 17 \(line 2\)"),
    ],
)
def test_mistakes_name_the_file_and_the_line(text: str, words: str) -> None:
    with pytest.raises(AskError, match=f"^controller.yaml.*{words}"):
        read_mapping(text)


def test_what_is_no_yaml_is_told() -> None:
    with pytest.raises(FileError, match=r"controller\.yaml is not YAML"):
        read_mapping("controls: {")


@pytest.mark.parametrize("text", ["", "# nothing\n", "controls:\n", "controls:\npads:\n"])
def test_an_empty_mapping_is_one(text: str) -> None:
    mapping = read_mapping(text)
    assert (mapping.bindings, mapping.pads) == ((), None)


def test_a_control_that_names_its_channel_comes_first() -> None:
    mapping = read_mapping("controls:\n  cc 80: loop\n  cc 80 channel 2: vary\n")
    heard = (mapping.bound(bytes.fromhex(m)) for m in ("b0 50 7f", "b1 50 7f", "b1 51 7f"))
    assert [one and one.request.action.name for one in heard] == ["loop", "vary", None]


# learning

LEARNED = Control("cc", 80, 1)


def test_learning_adds_a_line_and_leaves_the_others() -> None:
    text = learned(shipped(), LEARNED, "vary")
    assert asks(text) == {**asks(shipped()), "cc 80 channel 2": "vary"}
    added = set(text.splitlines()) - set(shipped().splitlines())
    assert added == {"  cc 80 channel 2: vary"}
    assert text.endswith("\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\n",
        "controls:\n",
        "controls:   # what I press\npads:\n  notes: 36-43\n",
        "controls:\n  # cc 1: loop\npads:\n  notes: 36-43\n",
        "pads:\n  notes: 36-43",
        "controls:\n    cc 1: loop",
        "controls:\n  cc 80 channel 2: loop  # the left one\n  cc 1: loop\n",
        "controls:\n  cc 80 channel 2:\n    loop:\n      bars: 8\n  # mine\n  cc 1: loop\n",
        "controls:\n  cc 1: loop\n  cc 80 channel 2:\n    loop:\n      bars: 8\n\n# x\npads:\n",
        "controls:\n  cc 1: {loop: {bars: 8,\n    play: off}}\n  cc 80 channel 2: undo\n",
        "controls:\n  cc 1:\n    loop:\n      bars: 8\n  # end\n\npads:\n  notes: 36-43\n",
    ],
)
def test_learning_in_any_text(text: str) -> None:
    before, after = read_mapping(text), read_mapping(learned(text, LEARNED, "vary"))
    others = [one for one in before.bindings if one.control != LEARNED]
    assert [one for one in after.bindings if one.control != LEARNED] == others
    (own,) = [one for one in after.bindings if one.control == LEARNED]
    assert own.request.action.name == "vary"
    assert after.pads == before.pads
    comments = re.findall(r"# (?:mine|what I press|cc 1: loop|x|end)", text)
    assert [one for one in comments if one not in learned(text, LEARNED, "vary")] == []


def test_a_flow_mapping_cannot_be_learned_and_says_so() -> None:
    with pytest.raises(AskError, match=r"on a line each.*\(line 1\)"):
        learned("controls: {cc 1: loop}\n", LEARNED, "vary")
