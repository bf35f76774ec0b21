"""What somebody wants done in the DAW: it goes to the owner, and its words come back."""

from __future__ import annotations

from bandmate.contract.messages import Message
from wires.fake_daemon import House, told_in

DO = "bridge/do"


def test_an_action_goes_to_the_owner_and_its_words_come_back() -> None:
    async def story(house: House) -> None:
        (daw, at_daw), (surface, heard) = house.client(), house.client()
        house.says(daw, "hello", "h", "owns", "daw")
        house.says(surface, DO, "a1", "loop bars=8")
        sent = await at_daw.until(DO)
        assert sent.arguments[1] == "loop bars=8"
        house.says(surface, DO, "a1", "loop bars=8")  # a retry while it is done
        house.says(daw, "bridge/done", sent.arguments[0], "a loop is asked for")
        assert (await heard.until("bridge/done")).arguments == ("a1", "a loop is asked for")
        house.says(surface, DO, "a1", "loop bars=8")
        await heard.until("bridge/done", 2)
        assert len(at_daw.of(DO)) == 1
        assert heard.of("error") == []

    told_in(story)


def test_two_may_want_something_at_once_with_one_id() -> None:
    async def story(house: House) -> None:
        (daw, at_daw), (one, heard_one), (two, heard_two) = (house.client() for _ in range(3))
        house.says(daw, "hello", "h", "owns", "daw")
        house.says(one, DO, 1, "accept")
        house.says(two, DO, 1, "reject")
        await at_daw.until(DO, 2)
        for message in reversed(at_daw.of(DO)):
            house.says(daw, "bridge/done", message.arguments[0], f"did {message.arguments[1]!s}")
        assert (await heard_one.until("bridge/done")).arguments == (1, "did accept")
        assert (await heard_two.until("bridge/done")).arguments == (1, "did reject")

    told_in(story)


def test_what_the_bridge_refuses_is_told_in_its_words() -> None:
    async def story(house: House) -> None:
        (daw, at_daw), (surface, heard) = house.client(), house.client()
        house.says(daw, "hello", "h", "owns", "daw")
        house.says(surface, DO, 1, "dance")
        sent = await at_daw.until(DO)
        house.says(daw, "error", "not an errand", "ask", "never mind")
        house.says(daw, "error", sent.arguments[0], "ask", "there is no action called dance")
        assert (await heard.error()) == (1, "unavailable", "there is no action called dance")
        house.says(daw, "error", sent.arguments[0], "ask", "again")
        house.says(daw, "bridge/done", sent.arguments[0], "late")
        house.says(daw, "error")
        await house.desk.idle()
        assert len(heard.messages) == 1

    told_in(story)


def test_nobody_there_is_told_in_words() -> None:
    async def story(house: House) -> None:
        surface, heard = house.client()
        house.says(surface, DO, 1, "accept")
        words = "no DAW is connected: start bandmate's bridge in the DAW"
        assert await heard.error() == (1, "unavailable", words)
        house.says(surface, DO, 2)
        assert "an action such as" in str((await heard.error(2))[2])
        house.says(surface, DO, 3, "x" * 401)
        assert "action must be 1..400 characters" in str((await heard.error(3))[2])

    told_in(story)


def test_a_bridge_that_says_nothing_is_told_of() -> None:
    async def story(house: House) -> None:
        (daw, at_daw), (surface, heard) = house.client(), house.client()
        house.desk.errands.patience = 0.0
        house.says(daw, "hello", "h", "owns", "daw")
        house.says(surface, DO, 1, "accept")
        assert "says nothing for 0 seconds" in str((await heard.error())[2])
        assert isinstance(at_daw.of(DO)[0], Message)

    told_in(story)
