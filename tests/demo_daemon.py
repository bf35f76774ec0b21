"""``bandmate serve`` with the fake loop model and without MIDI, as a process of its own."""

from __future__ import annotations

import sys

from bandmate.cli import Means, main
from fakes import open_fake

if __name__ == "__main__":
    sys.exit(main(["serve", "--midi-api", "none", *sys.argv[1:]], Means(open_fake)))
