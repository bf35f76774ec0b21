"""Bars told as they are written, to whoever asks for them."""

from __future__ import annotations

from bandmate.contract.messages import data_to_notes
from wires.fake_daemon import House, told, told_in


def test_each_bar_is_told_with_its_notes_before_the_take() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 3, "seed", 7, "feel", 0, "notes", "bars")
        number = int(told(await heard.until("loop/made"))["take"])
        bars = [message.arguments for message in heard.of("bar/written")]
        assert [bar[1:4] for bar in bars] == [(0, 0, 3), (0, 1, 3), (0, 2, 3)]
        assert bars[0][4] == "drums:0:4,bass:33:4,keys:0:4"
        blobs = [data for bar in bars if isinstance(data := bar[5], bytes)]
        clip = house.desk.takes.get(number).clip
        for index, part in enumerate(clip.parts):
            written = [note for data in blobs for note in data_to_notes(data, 3)[index]]
            assert [note.pitch for note in written] == [note.pitch for note in part.notes]

    told_in(story)


def test_whoever_asks_for_notes_alone_is_told_no_bar() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 2, "notes", "blob")
        await heard.until("take/notes")
        assert len(heard.of("loop/progress")) == 2
        assert not heard.of("bar/written")

    told_in(story)
