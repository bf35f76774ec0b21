"""Files that a page hands over: each under its own name, and none that is too large."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panel.browser import Page


def test_two_files_at_once_keep_their_names_and_a_large_one_is_refused_here(page: Page) -> None:
    page.run(
        "const { wire } = bandmate.verbs;"
        "const [late, soon] = [new File(['late'], 'a.late'), new File(['soon'], 'a.soon')];"
        "const isThere = wire.upload(soon);"
        "late.arrayBuffer = async () => (await isThere, new TextEncoder().encode('late').buffer);"
        "window.paths = await Promise.all([wire.upload(late), isThere])"
    )
    late, soon = map(Path, page.value("window.paths"))
    assert (late.suffix, late.read_text()) == (".late", "late")
    assert (soon.suffix, soon.read_text()) == (".soon", "soon")
    page.run(
        "const large = new File([new Uint8Array(33554432)], 'large.png');"
        "await bandmate.verbs.wire.upload(large).catch((error) => (window.told = error.message))"
    )
    assert page.value("window.told") == "a file must have 1..31457280 bytes, not 33554432"
    assert page.value("bandmate.store.get('link')") == "there"


def test_a_file_that_is_refused_is_called_by_its_own_name(page: Page, tmp_path: Path) -> None:
    page.run("""
      const { wire } = bandmate.verbs, ask = wire.ask.bind(wire);
      wire.ask = (address, fixed, pairs, more) => address === "/bandmate/chords/ask"
        ? Promise.reject(new Error(`${pairs.image} is not a picture`))
        : ask(address, fixed, pairs, more);
    """)
    picture = tmp_path / "sea.png"
    picture.write_text("words")
    page.find("#inspire input[type='file']").send_keys(str(picture))
    page.until("it is told", "document.querySelector('#alert').textContent")
    assert page.find("#alert").text == "sea.png is not a picture"
