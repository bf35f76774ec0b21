"""The network: the daemon, its ports and who holds them, the bridges and when each was heard."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing

from bandmate import __version__, paths
from bandmate.config import Settings
from bandmate.contract.messages import Atom, pairs_of
from bandmate.doctor.findings import NOTE, TROUBLE, Daemon, Finding, Patient
from bandmate.errors import BandmateError, FileError
from bandmate.hosts import install as bridges
from bandmate.hosts.client import answers
from bandmate.system.handshakes import Handshake, handshakes
from bandmate.system.home_lock import holder

SILENCE = 1.5
"""Seconds that a daemon may take to answer."""

_TAKEN = (
    (getattr(errno, "WSAEADDRINUSE", 0), errno.EACCES)
    if sys.platform == "win32"
    else (errno.EADDRINUSE,)
)
_KINDS = ((socket.SOCK_DGRAM, "UDP"), (socket.SOCK_STREAM, "TCP"))
_SERVED = {
    "query_port": "the daemon tells there what it can be sent",
    "panel_port": "the daemon serves its page there",
}
_AGES = ((86400 * 2, 86400, "days"), (7200, 3600, "hours"), (120, 60, "minutes"), (0, 1, "seconds"))


def call_daemon(settings: Settings) -> Daemon:
    """Ask the daemon, if one runs, who it is and what the time is like."""
    try:
        token = ("token", settings.token) if settings.token else ()
        hello = _asked(settings, "/bandmate/hello", "client", "doctor", *token)
    except BandmateError as error:
        return Daemon(words=str(error))
    try:
        return Daemon(hello, transport=_asked(settings, "/bandmate/transport/get"))
    except BandmateError as error:  # beyond this machine each socket must say the token
        return Daemon(hello, str(error))


def _asked(settings: Settings, address: str, *arguments: Atom) -> Mapping[str, Atom]:
    asked = answers(settings.host, settings.port, address, *arguments, silence=SILENCE)
    with closing(asked):
        return dict(pairs_of(next(asked).arguments))


def daemon(patient: Patient) -> Iterator[Finding]:
    """Tell whether a daemon answers, and whether it is of this version."""
    hello = patient.daemon.hello
    version = str(hello.get("version", ""))
    if not hello and (process := holder(paths.home())):
        words = f"process {process} holds {paths.home()}, but does not answer on port"
        cure = "wait until it has started, say its `port`, or end that process"
        yield Finding("daemon", f"{words} {patient.settings.port}", TROUBLE, cure)
    elif not hello:
        yield Finding("daemon", "none runs", NOTE, "start it with `bandmate serve`")
    elif version != __version__:
        cure = "stop it and start it anew"
        words = f"{version} runs, but {__version__} is installed"
        yield Finding("daemon", words, TROUBLE, cure)
    else:
        model = str(hello.get("model") or "its loop model still loads")
        yield Finding("daemon", f"{version} runs, {model}")


def ports(patient: Patient) -> Iterator[Finding]:
    """Tell whether the daemon has its ports, or could have them."""
    settings = patient.settings
    own = patient.holder_of(settings.port) if patient.daemon.hello else ""
    if patient.daemon.hello:
        held = f", held by {own}" if own else ""
        yield Finding(f"port {settings.port}", f"the daemon answers there{held}")
    else:
        yield _port(patient, settings.port, settings.host, ("UDP", "TCP"), "port")
    for port, setting in ((settings.query_port, "query_port"), (settings.panel_port, "panel_port")):
        if port:  # 0 says that it is not wanted
            yield _side_port(patient, own, port, setting)
    if _is_open(settings.host):
        yield _host(settings)


def _host(settings: Settings) -> Finding:
    if settings.allow and settings.token:
        words = f"{settings.host} lets {settings.allow} ask, with the token"
        return Finding("host", words, NOTE, "set `host` to 127.0.0.1 if only this machine should")
    words = f"{settings.host} is open to the network, without both `allow` and `token`"
    return Finding("host", words, TROUBLE, "set both in config.yaml, or `host` to 127.0.0.1")


def _side_port(patient: Patient, own: str, port: int, setting: str) -> Finding:
    holder = patient.holder_of(port)
    if patient.daemon.hello and holder == own:
        return Finding(f"port {port}", _SERVED[setting])
    return _port(patient, port, "127.0.0.1", ("TCP",), setting)


def _port(
    patient: Patient, port: int, host: str, protocols: tuple[str, ...], setting: str
) -> Finding:
    for kind, name in _KINDS:
        error = _refusal(host, port, kind) if name in protocols else None
        if error is None:
            continue
        if error.errno not in _TAKEN:
            words = f"{host} cannot be listened on ({error.strerror or error})"
            return Finding(f"port {port}", words, TROUBLE, "set `host` to 127.0.0.1")
        holder = patient.holder_of(port) or "another program"
        cure = f"end that program, or set `{setting}` in config.yaml to another number"
        return Finding(f"port {port}", f"{name} is held by {holder}", TROUBLE, cure)
    return Finding(f"port {port}", "is free")


def _refusal(host: str, port: int, kind: int) -> OSError | None:
    """Return why a port cannot be had; None where it can."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind) as tried:
            if sys.platform == "win32":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            elif kind == socket.SOCK_STREAM:  # else a daemon that has just ended is in its own way
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            if kind == socket.SOCK_STREAM:
                tried.listen(1)
    except OSError as error:
        return error
    return None


def _is_open(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def bridges_there(patient: Patient) -> Iterator[Finding]:
    """Tell of each bridge which version lies in its host, and when it was heard last."""
    heard = handshakes()
    for bridge in bridges.BRIDGES.values():
        about = f"bridge {bridge.name}"
        try:
            installed = bridges.status(bridge, system=patient.system)
        except FileError:
            yield Finding(about, f"{bridge.host} was not found here")
            continue
        names = (bridge.name, bridge.host.lower())
        yield _bridge(about, installed, next((heard[n] for n in heard if n.lower() in names), None))


def _bridge(about: str, installed: bridges.Installed, heard: Handshake | None) -> Finding:
    name, host = installed.bridge.name, installed.bridge.host
    install = f"run `bandmate bridge install {name}`"
    last = f"last heard {_ago(heard.at)}" if heard else "never heard"
    if not installed.version:
        return Finding(about, f"not installed in {installed.folder}", NOTE, install)
    told = f"{installed.version} in {installed.folder}, {last}"
    ours = bridges.shipped_version(installed.bridge)
    if installed.version != ours:
        words = f"{told}, but this bandmate brings {ours}"
        return Finding(about, words, TROUBLE, f"{install}, then start {host} anew")
    if installed.is_changed:
        return Finding(about, f"{told}, changed by hand", NOTE, f"{install} to have it as shipped")
    if heard and heard.version not in (installed.version, ""):
        words = f"{host} still runs {heard.version}: {told}"
        return Finding(about, words, TROUBLE, f"start {host} anew")
    if heard is None:
        clicks = " ".join(bridges.clicks(installed))
        return Finding(about, told, NOTE, clicks)
    return Finding(about, told)


def _ago(at: float) -> str:
    seconds = max(0.0, time.time() - at)
    _, unit, name = next(row for row in _AGES if seconds >= row[0])
    return f"{round(seconds / unit)} {name} ago"
