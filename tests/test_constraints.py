"""Dependencies have upper bounds, and `make` installs exact versions that were tested."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
INTEL_MAC = ' ; sys_platform == "darwin" and platform_machine == "x86_64"'
OTHERS = ' ; sys_platform != "darwin" or platform_machine != "x86_64"'
UNLISTED = {"torch"}
"""What the CPU and CUDA have builds of under different versions."""


def direct() -> Iterator[Requirement]:
    """Yield what pyproject.toml asks for."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = told["project"]
    extras = [word for words in project["optional-dependencies"].values() for word in words]
    for words in (*told["build-system"]["requires"], *project["dependencies"], *extras):
        yield Requirement(words)


def rows() -> list[str]:
    """Return the rows of all machines but Macs with an Intel processor."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    listed = [line for line in lines if not line.startswith("#") and not line.endswith(INTEL_MAC)]
    return [line.removesuffix(OTHERS) for line in listed]


def next_breaking(version: Version) -> Version:
    """Return the next version that may break what stands on this one."""
    if version.major:
        return Version(f"{version.major + 1}")
    return Version(f"0.{version.minor + 1}")


def test_each_dependency_has_an_upper_bound_just_above_what_is_tested() -> None:
    tested = dict(row.split("==") for row in rows())
    for wanted in direct():
        upper = [s for s in wanted.specifier if s.operator in ("<", "==")]
        assert len(upper) == 1, f"{wanted} has no upper bound"
        name = canonicalize_name(wanted.name)
        if name not in UNLISTED:
            version = Version(tested[name])
            assert version in wanted.specifier, f"{wanted} does not admit {version}"
            assert Version(upper[0].version) <= next_breaking(version), f"{wanted} admits too much"


def test_a_minor_version_of_onnxruntime_that_was_not_traced_is_not_admitted() -> None:
    bounds = [wanted.specifier for wanted in direct() if wanted.name.startswith("onnxruntime")]
    tested = Version(dict(row.split("==") for row in rows())["onnxruntime"])
    assert len(bounds) == 2
    for bound in bounds:
        assert tested in bound
        assert f"{tested.major}.{tested.minor + 1}.0" not in bound


def test_constraints_are_names_and_exact_versions_and_nothing_else() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", row) for row in rows())
    names = [row.partition("==")[0] for row in rows()]
    assert names == sorted(set(names))
    assert not [n for n in names if n in UNLISTED or n.startswith(("nvidia-", "cuda-", "triton"))]


def test_macs_with_an_intel_processor_get_an_older_version_that_is_admitted() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    tested = dict(row.split("==") for row in rows())
    wanted: dict[str, Requirement] = {canonicalize_name(one.name): one for one in direct()}
    older = [line.removesuffix(INTEL_MAC) for line in lines if line.endswith(INTEL_MAC)]
    assert {row.partition("==")[0] for row in older} >= {"onnxruntime"}
    for name, version in (row.split("==") for row in older):
        assert f"{name}=={tested[name]}{OTHERS}" in lines
        assert Version(version) < Version(tested[name])
        assert Version(version) in wanted[name].specifier


def test_each_target_that_installs_uses_them() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = [line.strip() for line in makefile.splitlines() if "pip install" in line]
    assert installs == [
        "INSTALL := $(BIN)/python -m pip install -q -c constraints.txt",
        # What is to come is tried before it is written into constraints.txt.
        "out/newest/bin/python -m pip install -q -e '.[cpu,inspire,llm,dev]'",
        "out/newest/bin/python -m pip install -q --upgrade $$(out/newest/bin/python .ci/newest.py)",
    ]
    assert len(re.findall(r"\$\(INSTALL\)( --no-compile)? -e", makefile)) == 4
    llama = (ROOT / ".ci" / "llama.py").read_text("utf-8")
    assert llama.count('"-m", "pip"') == llama.count('"-c", str(CONSTRAINTS)') == 2
    rules = re.findall(r"^\.venv/\.\w+: (.*) \|", makefile, re.M)
    assert set(rules) == {"pyproject.toml constraints.txt"}
    assert "pip install" not in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_newest_is_asked_for_without_upper_bounds() -> None:
    script = str(ROOT / ".ci" / "newest.py")
    told = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    wanted = {canonicalize_name(Requirement(words).name): words for words in told.stdout.split()}
    assert wanted[canonicalize_name("onnxruntime")] == "onnxruntime>=1.22"
    assert wanted.keys() >= {"zeroconf", "websockets", "llama-cpp-python", "tokenizers"}
    assert "<" not in told.stdout
