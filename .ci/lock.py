"""Writes constraints.txt: the exact versions of all that bandmate's extras stand on (`make lock`).

pip resolves the newest that pyproject.toml admits, uv the newest that has wheels for Macs with an
Intel processor; nothing is installed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "constraints.txt"
HEAD = """\
# The versions that `make` installs and that are tested, of all extras. `make lock` renews them:
# they are what pip resolves on Linux with Python {python}. Where another system or another Python
# needs a package that is not listed, pip takes the newest. Macs with an Intel processor get the
# last versions that have wheels for them.
#
# torch is not listed, nor what only its CUDA build brings. A machine without an NVIDIA card takes
# the CPU's build, whose version has another name (2.13.0+cpu): an exact version here would make
# pip replace it by 2 GB of CUDA. Only training needs torch; its bounds are in pyproject.toml.
"""
INTEL_MAC = 'sys_platform == "darwin" and platform_machine == "x86_64"'
OTHERS = 'sys_platform != "darwin" or platform_machine != "x86_64"'
LEFT_OUT = re.compile(r"bandmate|pip|torch|triton|(nvidia|cuda)-.+")


def resolved(extras: str, *options: str) -> dict[str, str]:
    """Return the name and version of each package that the extras stand on."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pip = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed"]
        command = [*pip, "--report", str(report), *options, "-e", f"{ROOT}[{extras}]"]
        subprocess.run(command, check=True)
        told: dict[str, Any] = json.loads(report.read_text("utf-8"))
    found = (row["metadata"] for row in told["install"])
    return {re.sub(r"[-_.]+", "-", row["name"]).lower(): row["version"] for row in found}


def for_intel_macs() -> dict[str, str]:
    """Return the name and version of each package that is installed there, from wheels alone."""
    uv = [sys.executable, "-m", "uv", "pip", "compile", "-q", "--no-header", "--no-annotate"]
    where = ["--python-platform", "x86_64-apple-darwin", "--only-binary", ":all:"]
    extras = ["--extra", "cpu", "--extra", "inspire", str(ROOT / "pyproject.toml")]
    told = subprocess.run([*uv, *where, *extras], check=True, stdout=subprocess.PIPE, text=True)
    found = (line.partition("==") for line in told.stdout.splitlines() if "==" in line)
    return {name: version for name, _, version in found}


def main() -> None:
    """Resolve all extras and write the file; onnxruntime's two packages exclude each other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [name for name in project["optional-dependencies"] if name != "gpu"]
    versions = resolved(",".join(extras))
    write(versions)
    write(resolved("gpu", "-c", str(FILE)) | versions)


def write(versions: dict[str, str]) -> None:
    """Write the constraints."""
    python = ".".join(map(str, sys.version_info[:2]))
    kept = {n: v for n, v in sorted(versions.items()) if not LEFT_OUT.fullmatch(n)}
    macs, rows = for_intel_macs(), []
    for name, version in kept.items():
        if macs.get(name, version) == version:
            rows.append(f"{name}=={version}\n")
        else:
            rows.append(f"{name}=={version} ; {OTHERS}\n")
            rows.append(f"{name}=={macs[name]} ; {INTEL_MAC}\n")
    FILE.write_text(HEAD.format(python=python) + "".join(rows), "utf-8")


if __name__ == "__main__":
    main()
