"""Files that pages give: where they lie, how long, and what is refused."""

from __future__ import annotations

import pytest

from bandmate import paths
from bandmate.errors import AskError, FileError
from bandmate.wires.page.uploads import KEPT, UPLOAD_BYTES, Room, Uploads


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("rain.png", ".png"), ("RAIN.JPEG", ".jpeg"), ("../../x.wav", ".wav"), ("a\\b.mid", ".mid"),
        ("none", ""), ("odd.p/g", ""), ("long.toolongs", ""), ("nul.p\0", ""), ("dots..", ""),
        (".png", ""), ("umlaut.ä", ""),
    ],
)  # fmt: skip
def test_of_a_name_only_a_plain_ending_is_used(name: str, suffix: str) -> None:
    uploads = Uploads()
    file = uploads.keep(name, b"x")
    assert (file.name, file.read_bytes()) == (f"1{suffix}", b"x")
    uploads.clear()


def test_the_oldest_goes_and_all_go_at_the_end() -> None:
    uploads = Uploads()
    files = [uploads.keep("a.png", bytes([n])) for n in range(KEPT + 1)]
    assert [file.exists() for file in files] == [False] + [True] * KEPT
    uploads.clear()
    assert not files[0].parent.exists()
    uploads.clear()


@pytest.mark.parametrize("size", [0, UPLOAD_BYTES + 1])
def test_empty_and_too_large_files_are_refused(size: int) -> None:
    with pytest.raises(AskError, match=f"a file must have 1..31457280 bytes, not {size}"):
        Uploads().keep("a.png", bytes(size))


def test_a_disk_that_refuses_is_told() -> None:
    paths.temporary().write_text("in the way")
    with pytest.raises(FileError, match="the file cannot be kept: File exists"):
        Uploads().keep("a.png", b"x")


def test_the_files_of_all_pages_have_only_so_much_room() -> None:
    room = Room(100)
    one, other = Uploads(room), Uploads(room)
    for _ in range(2 * KEPT):
        one.keep("a.png", bytes(20))
    with pytest.raises(AskError, match="the files of all pages may have 100 bytes together"):
        other.keep("a.png", bytes(21))
    assert other.keep("a.png", bytes(20)).exists()
    one.clear()
    assert other.keep("a.png", bytes(80)).exists()
