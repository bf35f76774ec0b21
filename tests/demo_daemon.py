"""``bandmate serve`` with fake models and without MIDI, as a process of its own."""

from __future__ import annotations

import sys

from bandmate.app.cli import Means, main
from fakes import open_fake
from fakes_chords import openings

if __name__ == "__main__":
    means = Means(open_fake, chords=openings())
    sys.exit(main(["serve", "--midi-api", "none", *sys.argv[1:]], means))
