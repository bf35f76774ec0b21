"""Prints what bandmate stands on where it runs, without upper bounds, for pip (`make newest`)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

EXTRAS = ("cpu", "inspire", "llm")


def main() -> None:
    """Print the requirements, with blanks between them."""
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(words for extra in EXTRAS for words in extras[extra])]
    print(*(re.sub(r",<[^,]+", "", words.partition(";")[0]) for words in wanted))


if __name__ == "__main__":
    main()
