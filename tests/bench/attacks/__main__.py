"""Run every attack that lies beside this file, one after the other, each in its own process."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PATIENCE = 900.0
"""Seconds after which an attack is ended and counts as one that went through."""


def names() -> list[str]:
    """Return the modules that have a `main`."""
    found = []
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found.append(path.stem)
    return found


def main() -> int:
    """Run those that are named, or all; return how many went through."""
    broken = []
    for name in sys.argv[1:] or names():
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"bench.attacks.{name}"]
        try:
            code = subprocess.run(command, timeout=PATIENCE, check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            broken.append(name)
    print(f"went through: {', '.join(broken)}" if broken else "all held")
    return len(broken)


if __name__ == "__main__":
    sys.exit(main())
