"""Surfaces: every control both ways, as floats and texts, at a port that a hello tells."""

from __future__ import annotations

import asyncio
import random
import time
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bandmate import paths
from bandmate.asks.presets import preset, presets
from bandmate.clients.clients import Client
from bandmate.contract.messages import Atom, Message
from bandmate.music.meter import Meter
from bandmate.music.roles import ROLES
from bandmate.surfaces.table import BUTTON, FADER, HELLO, LAMP, PREFIX, SWITCH, TEXT, WIDGETS
from bandmate.timing.player.news import GridChanged
from bandmate.timing.sources.grid import Grid
from bandmate.wires.access import Doors, read_networks
from bandmate.wires.osc import OscWire
from bandmate.wires.packets import message_to_packet
from bandmate.wires.surfaces import MOST
from wires.fake_daemon import House
from wires.here_surface import Tablet, on_a_tablet, surfaced


def rolls(house: House, beat: float, tempo: float = 120.0) -> None:
    """Let the time go on from a beat, as the player tells it."""
    assert house.player
    house.player.rolls(beat, tempo)
    house.player.tell(GridChanged(house.player.grid))


def test_a_hello_is_told_every_control_at_its_port() -> None:
    async def story(tablet: Tablet) -> None:
        told = [name for name, _ in tablet.heard]
        assert told[: len(WIDGETS) - 1] == [name for name in WIDGETS if name != "hello"]
        assert tablet.screen["tempo"] == 120.0
        assert tablet.screen["preset"] == "none"
        assert [r for r in ROLES if tablet.screen[f"part/{r}"]] == ["drums", "bass", "keys"]
        assert {to for to, _ in tablet.house.sent_by_udp} == {("127.0.0.1", 9000)}

    on_a_tablet(story)


def test_what_the_faders_say_goes_into_the_next_ask() -> None:
    async def story(tablet: Tablet) -> None:
        for name, value in (
            ("bars", 2.0), ("density", 5.5), ("energy", 4.2), ("temperature", 0.9),
            ("strictness", 0.75), ("feel", 0.25), ("swing", 1.0), ("ask/plays", 0.0),
        ):  # fmt: skip
            tablet.touches(name, value)
        tablet.touches("part/keys", 0.0)
        tablet.touches("part/guitar", 1.0)
        tablet.presses("ask/loop")
        await tablet.until("progress", 1.0)
        await tablet.until("ask/loop", 0.0)
        (plan,) = tablet.house.worker.plans
        assert (plan.bars, plan.energy, plan.temperature) == (2, 4, 0.9)
        assert (plan.strictness, plan.feel) == (0.75, 0.25)
        assert [part.name for part in plan.parts] == ["drums", "bass", "guitar"]
        assert [w.value for w in plan.wishes if (w.field, w.subject) == ("Density", "All")] == [5.5]
        assert tablet.of("energy")[-1] == 4.0
        assert tablet.of("density") == [8.0]  # what it shows itself is not told again

    on_a_tablet(story)


def test_faders_that_nobody_touched_say_nothing() -> None:
    async def story(tablet: Tablet) -> None:
        client, heard = tablet.house.client()
        tablet.house.says(client, "loop/ask", "a", "seed", 7)
        await heard.until("loop/made")
        tablet.touches("ask/plays", 0.0)
        tablet.presses("ask/loop")
        await tablet.until("progress", 1.0)
        plain, touched = tablet.house.worker.plans
        assert plain.wishes == touched.wishes
        assert (plain.bars, plain.parts) == (touched.bars, touched.parts)

    on_a_tablet(story)


def test_an_ask_lights_its_button_until_it_is_made() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.house.worker.gate.clear()
        tablet.touches("ask/plays", 0.0)
        tablet.touches("bars", 2.0)
        tablet.presses("ask/loop")
        await tablet.until("ask/loop", 1.0)
        tablet.house.worker.gate.set()
        await tablet.until("ask/loop", 0.0)
        assert tablet.of("progress") == [0.0, 0.5, 1.0]

    on_a_tablet(story)


def test_the_last_ask_is_called_off() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.house.worker.gate.clear()
        tablet.touches("ask/plays", 0.0)
        tablet.presses("ask/loop")
        await tablet.house.worker.begun.wait()
        await tablet.until("ask/loop", 1.0)
        tablet.presses("ask/cancel")
        await tablet.until("ask/loop", 0.0)
        tablet.house.worker.gate.set()
        assert tablet.house.takes.latest() is None

    on_a_tablet(story)


def test_takes_are_browsed_marked_and_played() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.touches("ask/plays", 0.0)
        for number in (1.0, 2.0, 3.0):
            tablet.presses("ask/loop")
            await tablet.until("take/number", number)
        takes = tablet.house.takes
        assert tablet.screen["take/name"] == takes.get(3).file.stem
        tablet.presses("take/previous")
        await tablet.until("take/number", 2.0)
        tablet.presses("take/accept")
        await tablet.until("take/state", "accepted")
        assert takes.get(2).state == "accepted"
        tablet.presses("take/undo")
        await tablet.until("take/state", "made")
        tablet.presses("take/reject")
        await tablet.until("take/state", "rejected")
        for _ in range(5):
            tablet.presses("take/previous")
        await tablet.until("take/number", 1.0)
        tablet.presses("take/play")
        await tablet.house.desk.idle()
        assert tablet.house.player
        ((_, clip, *_),) = tablet.house.player.of("play")
        assert clip == takes.get(1).clip
        for _ in range(5):
            tablet.presses("take/next")
        await tablet.until("take/number", 3.0)

    on_a_tablet(story)


def test_whoever_looks_at_an_older_take_goes_on_looking_at_it() -> None:
    async def story(tablet: Tablet) -> None:
        client, heard = tablet.house.client()
        for number in (1, 2):
            tablet.house.says(client, "loop/ask", number, "bars", 1)
            await heard.until("loop/made", number)
            await tablet.until("take/number", float(number))
        tablet.presses("take/previous")
        await tablet.until("take/number", 1.0)
        tablet.house.says(client, "loop/ask", 3, "bars", 1)
        await heard.until("loop/made", 3)
        tablet.presses("take/next")
        await tablet.until("take/number", 2.0)
        tablet.presses("take/next")
        await tablet.until("take/number", 3.0)

    on_a_tablet(story)


@pytest.mark.parametrize("name", ["vary", "more", "continue"])
def test_the_take_that_is_shown_is_varied(name: str) -> None:
    async def story(tablet: Tablet) -> None:
        tablet.touches("ask/plays", 0.0)
        for number in (1.0, 2.0):
            tablet.presses("ask/loop")
            await tablet.until("take/number", number)
        tablet.presses("take/previous")
        tablet.presses(f"ask/{name}")
        await tablet.until_that("take/state", lambda _: len(tablet.house.takes.listed()) == 3)
        plan = tablet.house.worker.plans[-1]
        first = tablet.house.takes.get(1).clip
        assert {part.name for part in plan.base} == {part.name for part in first.parts}

    on_a_tablet(story)


def test_a_loop_is_inserted_where_that_is_turned_on() -> None:
    async def story(tablet: Tablet) -> None:
        daw, heard = tablet.house.client()
        tablet.house.says(daw, "hello", "h", "owns", "daw")
        await heard.until("hello")
        tablet.house.says(daw, "song/set", "s", "tempo", 93.0, "key", "D:dor")
        await heard.until("song/changed")
        tablet.touches("ask/plays", 0.0)
        tablet.touches("ask/inserts", 1.0)
        tablet.presses("ask/loop")
        await heard.until("clip/place")
        await tablet.until("take/number", 1.0)
        (plan,) = tablet.house.worker.plans
        assert (plan.tempo, str(plan.key)) == (93.0, "D:dor")
        tablet.presses("take/insert")
        await heard.until("clip/place", 2)

    on_a_tablet(story)


def test_cards_are_shown_and_chosen() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.presses("card/2/choose")
        await tablet.until("words", "there is no card there yet: ask for chords first")
        tablet.presses("ask/chords")
        await tablet.until_that("card/4/name", bool)
        cards = tablet.house.takes.listed()[::-1]
        assert len(cards) == 4
        for number, take in enumerate(cards, 1):
            assert take.card
            symbols = " ".join(",".join(bar) for bar in take.card["symbols"])
            assert tablet.screen[f"card/{number}/name"] == symbols
        tablet.presses("card/2/choose")
        await tablet.until("take/state", "accepted")
        assert tablet.house.takes.get(cards[1].number).state == "accepted"
        assert tablet.screen["take/number"] == float(cards[1].number)

    on_a_tablet(story)


def test_a_preset_sets_the_faders_and_the_parts() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.touches("density", 20.0)
        wanted = next(p for p in presets() if p.density and p.density.all is not None)
        tablet.touches("preset", wanted.name.upper())
        assert wanted.density
        await tablet.until("density", wanted.density.all or 0.0)
        roles = {part.name.rstrip("234") for part in wanted.parts}
        assert {r for r in ROLES if tablet.screen[f"part/{r}"]} == roles
        tablet.touches("ask/plays", 0.0)
        tablet.presses("ask/loop")
        await tablet.until("progress", 1.0)
        (plan,) = tablet.house.worker.plans
        assert plan.parts == wanted.parts
        tablet.presses("reset")
        await tablet.until("preset", "none")
        assert tablet.screen["density"] == 8.0

    on_a_tablet(story)


def test_presets_are_stepped_through_and_chosen_by_number() -> None:
    async def story(tablet: Tablet) -> None:
        names = [p.name for p in presets()]
        tablet.presses("preset/previous")
        await tablet.until("preset", names[-1])
        tablet.presses("preset/next")
        await tablet.until("preset", "none")
        tablet.touches("preset", 2.0)
        await tablet.until("preset", names[1])
        assert preset(names[1])
        tablet.touches("preset", "tight-punk")
        await tablet.until_that("words", lambda words: "preset must be one such as" in str(words))
        tablet.touches("preset", 99.0)
        await tablet.until("words", f"preset must be in 0..{len(names)}, not 99.0")
        assert tablet.of("preset")[-1] == names[1]

    on_a_tablet(story)


def test_parts_are_muted_by_whomever_and_all_see_it() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.touches("mute/drums", 1.0)
        await tablet.house.desk.idle()
        client, _ = tablet.house.client()
        tablet.house.says(client, "take/mix", 1, "solo", "bass,keys2")
        await tablet.until("solo/keys", 1.0)
        await tablet.until("solo/bass", 1.0)
        tablet.touches("solo/bass", 0.0)
        await tablet.house.desk.idle()
        deck = tablet.house.desk.deck
        assert (set(deck.muted), set(deck.soloed)) == ({"drums"}, {"keys2"})
        tablet.touches("solo/keys", 0.0)
        await tablet.house.desk.idle()
        assert deck.soloed == frozenset()

    on_a_tablet(story)


def test_the_time_is_led_and_shown() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.touches("tempo", 96.1)
        tablet.touches("transport/play", 1.0)
        await tablet.house.desk.idle()
        player = tablet.house.player
        assert player
        assert player.of("lead") == [[96.1, None, None], [None, None, True]]
        tablet.touches("source/clock", 1.0)
        tablet.touches("source/internal", 0.0)
        await tablet.house.desk.idle()
        assert player.of("follow") == [["clock"]]
        rolls(tablet.house, 4.98, 300.0)
        await tablet.until("beat", 2.0)
        await tablet.until("tempo", 300.0)
        await tablet.until("light", 1.0)
        await tablet.until("light", 0.0)
        await tablet.until("beat", 3.0)
        player.grid = Grid(time.monotonic(), 8.0, 90.0, Meter(), is_rolling=False, source="reaper")
        player.tell(GridChanged(player.grid))
        await tablet.until("transport/play", 0.0)
        await tablet.until("source/bridge", 1.0)
        assert (tablet.screen["beat"], tablet.screen["tempo"]) == (0.0, 90.0)

    on_a_tablet(story)


def test_panic_and_stop_are_done_at_once() -> None:
    async def story(tablet: Tablet) -> None:
        await tablet.house.desk.deck.open()
        tablet.presses("stop")
        tablet.presses("panic")
        await tablet.house.desk.idle()
        assert tablet.house.player
        kinds = [kind for kind, *_ in tablet.house.player.done]
        assert kinds.count("stop") == 1
        assert kinds.count("panic") == 2  # once more, behind what was about to play

    on_a_tablet(story)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("bars", 65.0, "bars must be in 1..64, not 65"),
        ("density", 0.1, "density must be in 0.5..48, not 0.1"),
        ("tempo", float("nan"), "tempo must be in 20..400, not nan"),
        ("energy", "much", "energy must be in 1..5, not 'much'"),
        ("mute/drums", 0.3, "mute/drums must be on or off, not 0.3"),
        ("densty", 1.0, "a surface has nothing called 'densty', try density"),
        ("hello", 99999.0, "hello must be in 1..65535, not 99999.0"),
        ("hello", "mailbox:reaper", "hello must be in 1..65535, not 'mailbox:reaper'"),
        ("hello", 7770.0, "reply must be a port of yours, not bandmate's own 7770"),
        ("ask/loop", b"\1", "ask/loop must be a number, not b'\\x01'"),
        ("take/accept", 1.0, "there is no take yet: ask for a loop first"),
        ("ask/cancel", 1.0, "nothing of yours is in work"),
        ("ask/vary", 1.0, "there is no take yet: ask for a loop first"),
        ("take/insert", 1.0, "there is no take yet: ask for a loop first"),
    ],
)
def test_what_makes_no_sense_is_told_in_words(
    name: str, value: float | str | bytes, words: str
) -> None:
    async def story(tablet: Tablet) -> None:
        before = {n: v for n, v in tablet.screen.items() if n != "words"}
        tablet.touches(name, value)
        found = await tablet.until_that("words", bool)
        assert str(found).startswith(words)
        assert {n: v for n, v in tablet.screen.items() if n != "words"} == before
        if name in WIDGETS and WIDGETS[name].kind == FADER:
            assert len(tablet.of(name)) == 2  # it is told where it stands

    on_a_tablet(story)


def test_the_last_part_cannot_be_turned_off() -> None:
    async def story(tablet: Tablet) -> None:
        for role in ("drums", "bass", "keys"):
            tablet.touches(f"part/{role}", 0.0)
        await tablet.until("words", "at least one part must be on")
        assert tablet.of("part/keys") == [1.0, 1.0]

    on_a_tablet(story)


def test_without_midi_the_cure_is_shown_and_the_button_goes_out() -> None:
    async def story(tablet: Tablet) -> None:
        tablet.presses("ask/loop")
        await tablet.until_that("words", lambda words: "there is no MIDI port" in str(words))
        await tablet.until("ask/loop", 0.0)

    on_a_tablet(story, has_port=False)


def test_two_surfaces_have_boards_of_their_own() -> None:
    async def story(tablet: Tablet) -> None:
        other = Tablet(tablet.house, 5006, 9001)
        other.says_hello()
        other.touches("density", 3.0)
        tablet.touches("density", 30.0)
        other.touches("energy", 2.4)
        other.look()
        tablet.look()
        assert other.screen["energy"] == 2.0
        assert tablet.screen["energy"] == 3.0
        client, _ = tablet.house.client()
        tablet.house.says(client, "loop/ask", 1, "bars", 1)
        await tablet.until("take/number", 1.0)
        await other.until("take/number", 1.0)

    on_a_tablet(story)


def test_a_surface_that_never_says_hello_hears_where_it_sends_from() -> None:
    async def played() -> None:
        async with surfaced() as (house, surfaces):
            tablet = Tablet(house, 5005, 5005)
            tablet.touches("energy", 2.4)
            tablet.look()
            assert tablet.screen["energy"] == 2.0
            greeting = Tablet(house, 5005, 9000)
            greeting.says_hello()
            greeting.look()
            assert greeting.screen["energy"] == 2.0
            assert len(surfaces) == 1
            started_anew = Tablet(house, 6006, 9000)
            started_anew.touches("energy", 4.4)
            started_anew.look()
            assert started_anew.screen["energy"] == 4.0
            assert len(surfaces) == 1

    asyncio.run(played())


def test_only_so_many_surfaces_are_known_and_the_forgotten_hear_nothing() -> None:
    async def played() -> None:
        async with surfaced() as (house, surfaces):
            tablets = [Tablet(house, 5000 + n, 9000 + n, f"10.0.0.{n}") for n in range(MOST + 1)]
            for tablet in tablets:
                tablet.says_hello()
            await house.desk.idle()
            assert len(surfaces) == MOST
            house.sent_by_udp.clear()
            client, heard = house.client()
            house.says(client, "take/mix", 1, "mute", "bass")
            await heard.until("take/mixed")
            await house.desk.idle()
            told = {to[0] for to, _ in house.sent_by_udp}
            assert told == {tablet.host for tablet in tablets[1:]}

    asyncio.run(played())


def test_any_touches_in_any_order_are_answered_and_leave_the_board_in_its_ranges() -> None:
    chance = random.Random(6)
    values: list[float | str] = [0.0, 1.0, 0.5, 3.7, 40.0, -2.0, float("inf"), "", "funk", "2"]
    # What is to be heard at once goes on until it was heard, which nobody does here.
    names = [name for name in WIDGETS if name not in ("hello", "ask/plays")]

    async def story(tablet: Tablet) -> None:
        tablet.touches("ask/plays", 0.0)
        for turn in range(600):
            tablet.touches(chance.choice(names), *chance.sample(values, chance.choice((0, 1, 1))))
            if turn % 50 == 0:
                await tablet.house.desk.idle()
        await tablet.house.desk.idle()
        tablet.says_hello()
        tablet.look()
        for name, value in tablet.screen.items():
            widget = WIDGETS[name]
            if widget.kind != TEXT:
                assert isinstance(value, float)
                assert widget.low <= value <= widget.high, name

    on_a_tablet(story)


def test_a_tablet_of_another_machine_says_the_token_first() -> None:
    async def played() -> None:
        async with surfaced() as (house, surfaces):
            doors = Doors(paths.clips(), read_networks("10.0.0.0/24"), "a secret word")
            wire = OscWire(house.desk, house.clients, doors)
            tablet = house.clients.of_udp("10.0.0.7", 5005)

            def says(address: str, *arguments: Atom) -> None:
                packet = message_to_packet(Message(f"/bandmate/{address}", arguments))
                wire.received(tablet, packet)

            says("surface/energy", 4.0)
            says("hello", "surface", "token", "a wrong word")
            assert len(surfaces) == 0
            says("hello", "surface", "token", "a secret word")
            says("surface/hello", 9000.0)
            await house.desk.idle()
            told = [m.address for to, m in house.sent_by_udp if to == ("10.0.0.7", 9000)]
            assert f"{PREFIX}energy" in told

    asyncio.run(played())


# papers


def layout() -> ElementTree.Element:
    packed = paths.shipped("bridge", "surfaces", "bandmate.tosc").read_bytes()
    return ElementTree.fromstring(zlib.decompress(packed))


def told_in_layout() -> dict[str, ElementTree.Element]:
    """Return the nodes of the layout that speak OSC, by address."""
    found: dict[str, ElementTree.Element] = {}
    for node in layout().iter("node"):
        for osc in node.findall("messages/osc"):
            address = "".join(part.text or "" for part in osc.findall("path/partial/value"))
            assert address not in found, f"{address} is there twice"
            found[address] = node
    return found


NODES = {HELLO: "BUTTON", FADER: "FADER", SWITCH: "BUTTON", BUTTON: "BUTTON", TEXT: "LABEL"}


def test_every_control_is_in_the_layout_and_no_other() -> None:
    found = told_in_layout()
    assert found.keys() == {f"{PREFIX}{name}" for name in WIDGETS}
    for name, widget in WIDGETS.items():
        node = found[f"{PREFIX}{name}"]
        if widget.kind != LAMP:
            assert node.get("type") == NODES[widget.kind], name
        osc = node.find("messages/osc")
        assert osc is not None
        sends = widget.kind in (FADER, SWITCH, BUTTON, HELLO)
        assert osc.findtext("send") == str(int(sends)), name
        if widget.kind == FADER:
            said = [osc.findtext(f"arguments/partial/{key}") for key in ("scaleMin", "scaleMax")]
            assert [float(bound or "nan") for bound in said] == [widget.low, widget.high], name


def test_nothing_in_the_layout_lies_on_another_or_outside() -> None:
    root = layout().find("node")
    assert root is not None
    frames = {}
    for node in root.findall("children/node"):
        values = node.find("properties/property[@type='r']/value")
        assert values is not None
        x, y, w, h = (int(values.findtext(key) or "") for key in "xywh")
        frames[node.get("ID")] = (x, y, x + w, y + h)
        assert x >= 0 and y >= 0 and x + w <= 1024 and y + h <= 768
    assert len(frames) == len(root.findall("children/node"))
    listed = sorted(frames.values())
    for number, one in enumerate(listed):
        for other in listed[number + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1], (one, other)


def test_the_layout_is_what_its_script_builds(tmp_path: Path) -> None:
    import runpy

    script = paths.shipped("bridge", "surfaces", "build_layout.py")
    built = runpy.run_path(str(script))["layout"]()
    shipped = zlib.decompress(script.with_name("bandmate.tosc").read_bytes())
    assert built == shipped


def test_the_table_for_people_is_the_table() -> None:
    page = paths.shipped("bridge", "surfaces", "README.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `/")]
    wanted = []
    for name, widget in WIDGETS.items():
        bounds = {TEXT: "text", HELLO: "port"}.get(
            widget.kind, f"{widget.low:g}..{widget.high:g}" if widget.high < 1e6 else "number"
        )
        wanted.append(f"| `{PREFIX}{name}` | {widget.kind} | {bounds} | {widget.words} |")
    assert rows == wanted


def test_a_surface_that_is_shut_hears_nothing_more() -> None:
    async def played() -> None:
        async with surfaced() as (house, surfaces):
            tablet = Tablet(house)
            tablet.says_hello()
            await surfaces.close()
            house.sent_by_udp.clear()
            _, heard = house.client()
            sender = Client("udp:10.0.0.9:1", "10.0.0.9", heard)
            house.desk.take_in(sender, Message("/bandmate/surface/energy", (3.0,)))
            assert heard.messages[-1].address == "/bandmate/error"
            assert not house.sent_by_udp

    asyncio.run(played())
