"""``make run`` with fake models, as a process that a terminal may be given to."""

from __future__ import annotations

import sys

from bandmate.app import demo
from test_demo import COMPILE, DAEMON

if __name__ == "__main__":
    sys.exit(demo.main(DAEMON, COMPILE))
