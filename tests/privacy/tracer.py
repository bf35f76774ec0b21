"""Runs a program under strace in a network of its own, and tells what it reached and wrote.

The network has a loopback and nothing else; an address and a route lead nowhere, so that a program
believes that it is connected. Every system call by which a process of the program's tree opens a
connection, sends a datagram or changes a file is recorded by the kernel's tracing: a native
library can't avoid it as it can avoid Python's audit hooks.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import bandmate

SOURCE = Path(bandmate.__file__).resolve().parents[1]
"""The folder that holds the package under test."""
MDNS = "224.0.0.251:5353"
"""The one destination beyond 127.0.0.1 that is allowed, and only through the loopback."""

_NETWORK = "connect,bind,sendto,sendmsg,sendmmsg,setsockopt,io_uring_setup"
_FILES = (
    "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,"
    "symlink,symlinkat,unlink,unlinkat,rmdir,truncate"
)
_LOOPBACK = "ip link set lo up; ip address add 198.51.100.7/32 dev lo; "
_ROUTE = "ip route add default dev lo; "
_RESOLVERS = ("/run/systemd/resolve/", "/run/avahi-daemon/", "/run/nscd/hosts")
"""Sockets by which a name is looked up without a datagram of the program's own."""

_DEVICES = ("/dev/null", "/dev/tty", "/dev/pts", "/dev/snd", "/dev/shm", "/proc")
"""No files on a disk. /dev/shm is memory that processes share."""

_LINE = re.compile(r"(\d+) +(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\w+)(?: (E\w+))?.*")
_INET = re.compile(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_INET6 = re.compile(r'sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
_FAMILY = re.compile(r"sa_family=(\w+)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_SOCKET = re.compile(r"\d+<([^>]*)>")
_LOCAL_FAMILIES = {"AF_UNIX", "AF_LOCAL", "AF_NETLINK", "AF_UNSPEC"}


@dataclass(frozen=True, slots=True)
class Call:
    """One system call of a traced process."""

    pid: int
    name: str
    arguments: str
    error: str
    """Such as ENOENT; empty where it succeeded."""

    @property
    def text(self) -> str:
        """The call as a person reads it."""
        return f"{self.pid} {self.name}({self.arguments}) {self.error}".strip()


@dataclass(frozen=True)
class Trace:
    """All that a program and its child processes did."""

    calls: tuple[Call, ...]
    folder: Path
    """Where the program started: what it names by a relative path lies there."""
    output: str
    code: int

    def leaving(self) -> list[str]:
        """Return each try to reach, or to be reached from, anything beyond this machine."""
        through_loopback: set[str] = set()
        found = []
        for call in self.calls:
            if call.name == "setsockopt":
                if _socket(call) and _multicasts_on_loopback(call):
                    through_loopback.add(_socket(call))
                found += _joined(call)
            elif call.name == "io_uring_setup":
                found.append(call.text)  # what goes through a ring is not seen here
            elif call.name in _NETWORK:
                is_ours = _socket(call) in through_loopback or call.name == "bind"
                if _leads_away(call, is_ours):
                    found.append(call.text)
        return found

    def written(self, *allowed: Path) -> list[str]:
        """Return each change of a file outside of the *allowed* folders, and its path."""
        inside = tuple(f"{folder.resolve()}{os.sep}" for folder in allowed)
        found = []
        for call in self.calls:
            for path in _changed(call, self.folder):
                is_ours = f"{path}{os.sep}".startswith(inside)
                if not is_ours and not _is_no_file(path):
                    found.append(f"{path}: {call.text}")
        return found


def needed() -> None:
    """Skip the test where programs can't be traced in a network of their own."""
    for tool, package in (("strace", "strace"), ("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (apt-get install {package})")
    if why := _refusal():
        pytest.skip(f"a network namespace is not permitted, or strace is not installed ({why})")


@cache
def _refusal() -> str:
    command = [*_namespace(), "strace", "-f", "-qq", "-o", os.devnull, "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return tried.stderr.strip() if tried.returncode else ""


def _namespace(has_route: bool = True) -> list[str]:
    setup = f'{_LOOPBACK}{_ROUTE if has_route else ""}exec "$@"'
    return ["unshare", "--net", "--map-root-user", "sh", "-c", setup, "sh"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return a musician's environment with all folders in *folder*, made where they are missing.

    Nothing is inherited: where a variable such as CI is set, some libraries don't call out.
    """
    places = {"HOME": "person", "TMPDIR": "temporary", "BANDMATE_HOME": "bandmate"}
    for place in places.values():
        (folder / place).mkdir(exist_ok=True)
    tests = Path(__file__).resolve().parents[1]
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join((str(SOURCE), str(tests))),
        **{name: str(folder / place) for name, place in places.items()},
        **more,
    }


def traced(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    has_route: bool = True,
    seconds: float = 400.0,
) -> Trace:
    """Run python with *words* in *folder* under the tracer and return what it did.

    Without a route, each try to leave fails at once, as on a machine that is not connected.
    """
    log, start = folder / "strace.log", folder / "start"
    start.mkdir(exist_ok=True)
    strace = ["strace", "-f", "-qq", "-y", "-s", "256", "--seccomp-bpf", "-o", str(log)]
    command = [
        *_namespace(has_route),
        *strace,
        "-e",
        f"trace={_NETWORK},{_FILES}",
        sys.executable,
        *words,
    ]
    done = subprocess.run(
        command, cwd=start, env=dict(environment), stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False,
    )  # fmt: skip
    with log.open(encoding="utf-8", errors="replace") as lines:
        return Trace(tuple(_calls(lines)), start, done.stdout, done.returncode)


def _calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield the calls of a log of strace; one that another interrupted is put together."""
    begun: dict[str, str] = {}
    for line in lines:
        said = _LINE.match(line)
        if not said:
            continue
        pid, text = said.groups()
        if text.endswith(" <unfinished ...>"):
            begun[pid] = text.removesuffix(" <unfinished ...>")
            continue
        if text.startswith("<... "):
            text = begun.pop(pid, "") + text.partition(" resumed>")[2]
        if found := _CALL.match(text):
            name, arguments, _, error = found.groups()
            yield Call(int(pid), name, arguments, error or "")
    for pid, text in begun.items():  # what a process did not live to finish
        name, _, arguments = text.partition("(")
        yield Call(int(pid), name, arguments, "")


def _socket(call: Call) -> str:
    found = _SOCKET.match(call.arguments)
    return found[1] if found else ""


def _leads_away(call: Call, is_on_loopback: bool) -> bool:
    for port, address in (*_INET.findall(call.arguments), *_INET6.findall(call.arguments)):
        is_mdns = f"{address}:{port}" == MDNS and is_on_loopback
        if not ipaddress.ip_address(address).is_loopback and not is_mdns:
            return True
    if any(resolver in call.arguments for resolver in _RESOLVERS):
        return True
    families = set(_FAMILY.findall(call.arguments))
    return bool(families - _LOCAL_FAMILIES - {"AF_INET", "AF_INET6"})


def _multicasts_on_loopback(call: Call) -> bool:
    found = re.search(r"IP_MULTICAST_IF, \[(\d+)\]", call.arguments)
    if not found:
        return False
    address = int(found[1]).to_bytes(4, sys.byteorder)
    return ipaddress.IPv4Address(address).is_loopback


def _joined(call: Call) -> list[str]:
    """Return the call where it joins a group on another network than the loopback."""
    if "ADD_MEMBERSHIP" not in call.arguments:
        return []
    found = re.search(r'imr_interface=inet_addr\("([^"]+)"\)', call.arguments)
    is_loopback = bool(found) and ipaddress.ip_address(str(found and found[1])).is_loopback
    return [] if is_loopback else [call.text]


def _changed(call: Call, start: Path) -> Iterator[str]:
    """Yield the paths that a call of the file system changes, or tried to."""
    if call.name not in _FILES.split(",") or call.error == "EEXIST":
        return
    is_open = call.name in ("open", "openat", "openat2")
    flags = re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)", call.arguments)
    if (is_open and not flags) or (call.error == "ENOENT" and "O_CREAT" not in call.arguments):
        return
    paths = _PATH.findall(call.arguments)
    for folder, path in paths[1:] if call.name.startswith("symlink") else paths:
        name = path.encode("latin-1", "replace").decode("unicode_escape")
        name = name.encode("latin-1", "replace").decode("utf-8", "replace")
        yield os.path.realpath(Path(folder or start, name).parent) + os.sep + Path(name).name


def _is_no_file(path: str) -> bool:
    # Python keeps what it compiled beside its source; pip does so when it installs.
    is_bytecode = "__pycache__" in Path(path).parts
    return is_bytecode or any(f"{path}/".startswith(f"{device}/") for device in _DEVICES)
