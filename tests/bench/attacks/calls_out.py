"""What bandmate reaches and writes by itself: `python -m bench.attacks.calls_out`.

The whole program runs once under strace, in a network of its own; then the daemon alone for
15 seconds after its first loop. Nothing leaves this machine while it is measured. It runs on other
versions, too: PYTHONPATH=OTHER/daemon:tests.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import bandmate
from privacy import tracer, whole_program

QUIET_SECONDS = 15.0


def main() -> None:
    """Print the figures."""
    if len(sys.argv) > 1:
        alone()
        return
    print(f"bandmate {bandmate.__version__}{'beyond':>16}{'lookups':>9}{'outside':>9}{'left':>6}")
    told("the whole program", "-m", "privacy.whole_program")
    about, words = f"the daemon, {QUIET_SECONDS:g} s", ("-m", "bench.attacks.calls_out")
    told(about, *words)
    told(f"{about}, offline", *words, has_route=False)


def alone() -> None:
    """Run the daemon, inside of the tracer, for as long as it takes to call out."""
    with whole_program.daemon() as (osc, _, _):
        whole_program.asked(osc, "loop/made", "loop/ask", "bars", 1, "seed", 1)
        time.sleep(QUIET_SECONDS)


def told(about: str, *words: str, has_route: bool = True) -> None:
    """Trace a program and print its connects, lookups of names, changed files, and what is left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        temporary = folder / "temporary"
        here = tracer.environment(folder)
        trace = tracer.traced([*words, str(temporary)], folder, here, has_route)
        if trace.code:
            sys.exit(trace.output)
        leaving = trace.leaving()
        lookups = sum("sin_port=htons(53)" in call for call in leaving)
        changed = {
            line.partition(": ")[0] for line in trace.written(folder / "bandmate", temporary)
        }
        left = [path for path in (folder / "person").rglob("*") if path.is_file()]
        left += [*temporary.glob(".ses"), *temporary.glob("mat-debug-*.log")]
        print(f"{about:<24}{len(leaving):>7}{lookups:>9}{len(changed):>9}{len(left):>6}")


if __name__ == "__main__":
    main()
