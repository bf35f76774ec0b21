"""Nothing leaves this machine, and nothing is written outside of bandmate's own folders.

The kernel tells: the whole program runs under strace, in a network of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy import tracer

Run = Callable[[str], tracer.Trace]


@pytest.fixture(autouse=True)
def _needed() -> None:
    tracer.needed()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs a script under the tracer."""

    def ran(script: str) -> tracer.Trace:
        words = ["-S", "-c", textwrap.dedent(script)]
        return tracer.traced(words, tmp_path, tracer.environment(tmp_path))

    return ran


def test_the_whole_program_stays_on_this_machine_and_in_its_folders(tmp_path: Path) -> None:
    for package in ("onnxruntime", "llama_cpp", "PIL", "tokenizers", "soundfile"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    pytest.importorskip(
        "PySide6.QtWidgets", reason="PySide6 is not installed", exc_type=ImportError
    )
    words = ["-m", "privacy.whole_program", str(tmp_path / "temporary")]
    fonts = fonts_without_a_cache(tmp_path)
    trace = tracer.traced(words, tmp_path, tracer.environment(tmp_path, FONTCONFIG_FILE=fonts))
    assert trace.code == 0, trace.output
    assert trace.leaving() == []
    assert trace.written(tmp_path / "bandmate", tmp_path / "temporary") == []
    # Native libraries keep files of their own there, too.
    left = {path.name for path in (tmp_path / "temporary").iterdir() if path.suffix != ".mid"}
    assert left == {"night.png", "rain.wav", "clip.wav"}
    # The trace is one of the whole program, and of what it may do.
    sent = [call.text for call in trace.calls if call.name == "sendto"]
    assert any(tracer.MDNS.partition(":")[0] in text for text in sent)
    assert len({call.pid for call in trace.calls}) > 30


def fonts_without_a_cache(folder: Path) -> str:
    """Return a configuration of fontconfig whose cache is still to be written, at home."""
    (folder / "fonts").mkdir()
    config = folder / "fonts" / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/person/.cache</cachedir>"
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>'
    )
    return str(config)


LEAVING = {
    "a connection": "socket.create_connection(('192.0.2.1', 80), 0.1)",
    "a datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 9))",
    "over IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('2001:db8::1', 9))",
    "a name": "socket.getaddrinfo('events.example', 443)",
    "to all": "udp().sendto(b'', ('255.255.255.255', 9))",
    "another group": "udp('127.0.0.1').sendto(b'', ('239.1.2.3', 5353))",
    "mDNS on any network": "udp().sendto(b'', ('224.0.0.251', 5353))",
    "mDNS on another network": "udp('198.51.100.7').sendto(b'', ('224.0.0.251', 5353))",
    "a group of another network": (
        "udp().setsockopt(0, socket.IP_ADD_MEMBERSHIP,"
        " socket.inet_aton('224.0.0.251') + socket.inet_aton('198.51.100.7'))"
    ),
    "a port for everybody": "udp().bind(('0.0.0.0', 0))",
    "from a child process": (
        "subprocess.run([sys.executable, '-S', '-c',"
        " 'import socket; socket.socket(type=socket.SOCK_DGRAM).connect((\"192.0.2.1\", 9))'])"
    ),
    "from native code": (
        "ctypes.CDLL(None).sendto(udp().fileno(), b'', 0, 0,"
        " struct.pack('=HH4s8x', 2, 9, socket.inet_aton('192.0.2.1')), 16)"
    ),
}
TOOLS = """
    import ctypes, os, socket, struct, subprocess, sys
    kept = []
    def udp(through=""):
        kept.append(socket.socket(type=socket.SOCK_DGRAM))
        kept[-1].setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        if through:
            way = socket.inet_aton(through)
            kept[-1].setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, way)
        return kept[-1]
"""


def test_each_way_to_leave_would_be_noticed(run: Run) -> None:
    tries = "".join(
        f"\n    open('way {number}', 'w')\n    try: {way}\n    except OSError: pass"
        for number, way in enumerate(LEAVING.values())
    )
    trace = run(TOOLS + tries)
    assert trace.code == 0, trace.output
    found, noticed = trace.leaving(), set()
    way = -1
    for call in trace.calls:
        if '"way ' in call.arguments:
            way += 1
        if call.text in found:
            noticed.add(way)
    assert noticed == set(range(len(LEAVING)))


def test_what_stays_on_this_machine_is_none(run: Run) -> None:
    trace = run(
        TOOLS
        + """
    with socket.create_server(("127.0.0.1", 0)) as here:
        socket.create_connection(here.getsockname()).close()
    udp().sendto(b"", ("127.0.0.1", 9))
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"", ("::1", 9))
    socket.socketpair()
    udp("127.0.0.1").sendto(b"", ("224.0.0.251", 5353))
    socket.getaddrinfo("localhost", 80)
    open(os.devnull, "w")
    open(os.environ["TMPDIR"] + "/file", "w")
    """
    )
    assert trace.code == 0, trace.output
    assert trace.leaving() == []
    assert trace.written(trace.folder.parent / "temporary") == []


WRITING = {
    "written": "open(home + '/a', 'w')",
    "read and written": "open('/etc/hostname', 'r+b')",
    "a folder": "os.mkdir(home + '/b')",
    "by a relative path": "os.mkdir('c')",
    "in an open folder": "os.open('d', os.O_CREAT | os.O_WRONLY, dir_fd=os.open(home, 0))",
    "moved out": "os.rename(home + '/a', home + '/e')",
    "a link": "os.symlink('/', home + '/f')",
    "through a link": "open(tmp + '/out/g', 'w')",
    "removed": "os.unlink(home + '/e')",
    "from a child process": "subprocess.run(['/bin/sh', '-c', 'echo > h'])",
    "a name that says otherwise": "open(tmp + 'other', 'w')",
    "in words": "open(home + '/\\u00fc \"x\"', 'w')",
}


def test_each_file_outside_would_be_noticed(run: Run) -> None:
    tries = "\n    ".join(WRITING.values())
    trace = run(
        TOOLS
        + f"""
    home, tmp = os.environ["HOME"], os.environ["TMPDIR"]
    os.symlink(home, tmp + "/out")
    {tries}
    """
    )
    assert trace.code == 0, trace.output
    folder = trace.folder.parent
    paths = {line.partition(": ")[0] for line in trace.written(folder / "temporary")}
    home = folder / "person"
    assert paths == {
        *(str(home / name) for name in ("a", "b", "d", "e", "f", "g", 'ü "x"')),
        *(str(trace.folder / name) for name in ("c", "h")),
        "/etc/hostname",
        str(folder / "temporaryother"),
    }
