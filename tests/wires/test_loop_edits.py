"""Fields, cells and edits asked over OSC, by the same names as everywhere."""

from __future__ import annotations

import json

from wires.fake_daemon import House, told, told_in


def test_every_kind_of_field_is_asked_by_name() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(
            client, "loop/ask", 1, "parts", "drums,bass,lead", "density", 8.0, "velocity", 80,
            "pitch", "lead=72", "curve", "density=4,12", "strictness", 1, "feel", 0.25, "seed", 7,
            "form", "A:2 A':2", "keywords", "dark",
        )  # fmt: skip
        first = told(await heard.until("loop/made"))["take"]
        plan = json.loads(house.desk.takes.get(int(first)).ask)
        assert (plan["strictness"], plan["feel"], plan["bars"]) == (1, 0.25, 4)
        wishes = {(field, subject): value for field, subject, value in plan["wishes"]}
        assert wishes["Pitch", "lead"] == 72
        assert wishes["Density", "3"] == 12
        assert plan["key"].endswith(":min")
        assert len(plan["sections"]) == 4

    told_in(story)


def test_a_take_is_refilled_and_the_mistakes_are_told() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 4, "seed", 7)
        first = int(told(await heard.until("loop/made"))["take"])
        house.says(
            client, "loop/ask", 2, "take", first, "refill", "bass:3-4", "vary", 0.3, "seed", 8
        )
        await heard.until("loop/made", 2)
        before, after = (house.desk.takes.get(number).clip for number in (first, first + 1))
        assert after.parts[0] == before.parts[0]
        assert after.parts[1].notes[:8] == before.parts[1].notes[:8]
        house.says(client, "loop/ask", 3, "take", first, "refill", "bass:5")
        words = "refill must lie in bars 1..4 of the clip, not in bass:5"
        assert await heard.error(1) == (3, "ask", words)
        house.says(client, "loop/ask", 4, "refill", "bass:3")
        assert str((await heard.error(2))[2]).startswith("refill needs a clip that is there")

    told_in(story)
