"""The files that are dragged."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.errors import FileError
from bandmate.music import midifile
from bandmate.shelf.files import file_of
from shelf.shelf_clips import CLIP, row


def test_all_parts_are_the_daemons_own_file(tmp_path: Path) -> None:
    own = tmp_path / "funk #12.mid"
    midifile.write(CLIP, own)
    assert file_of(row(file=own)) == own


def test_all_parts_of_a_take_whose_file_is_elsewhere_are_written(
    home: Path, tmp_path: Path
) -> None:
    file = file_of(row(file=tmp_path / "moved.mid"))
    assert file == home / "dragged" / "funk drums+bass Em 96 #12.mid"
    assert file.read_bytes()[:10] == b"MThd\0\0\0\x06\0\x01"
    assert midifile.read(file) == CLIP


def test_one_part_is_a_file_of_its_own(home: Path) -> None:
    file = file_of(row(), "bass")
    assert file == home / "dragged" / "funk drums+bass Em 96 #12 bass.mid"
    assert midifile.read(file).parts == (CLIP.parts[1],)
    assert midifile.read(file).tempo == 96


def test_a_file_that_was_dragged_before_is_left_as_it_lies(home: Path) -> None:
    file = file_of(row(), "bass")
    before = file.stat().st_ino
    assert file_of(row(), "bass").stat().st_ino == before
    file.write_bytes(b"somebody else's")
    assert midifile.read(file_of(row(), "bass")).parts == (CLIP.parts[1],)


@pytest.mark.parametrize("title", ["../../etc/passwd", "C:\\boot", "a\0b", "...", "", "é" * 400])
def test_a_title_never_leads_out_of_the_folder(home: Path, title: str) -> None:
    file = file_of(row(title=title))
    assert file.parent == home / "dragged"
    assert file.is_file()


def test_what_has_no_notes_is_told_in_words() -> None:
    with pytest.raises(FileError, match="the notes of take 12 have not come yet"):
        file_of(row(clip=None))
    with pytest.raises(FileError, match="the file is gone"):
        file_of(row(clip=None, trouble="the file is gone"))
    with pytest.raises(FileError, match="take 12 has no part lead"):
        file_of(row(), "lead")


def test_a_folder_that_cannot_be_made_is_told_in_words(home: Path) -> None:
    home.mkdir()
    (home / "dragged").write_text("a file")
    with pytest.raises(FileError, match=r"the folder .*dragged cannot be made"):
        file_of(row(), "bass")
