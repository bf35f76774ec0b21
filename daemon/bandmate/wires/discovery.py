"""Discovery: bandmate tells programs that look for OSC where it is, and that it goes (mDNS).

RFC 6762 and 6763; packets are read and written by zeroconf. The socket is our own: zeroconf's
listens to every network, ours takes what is sent to the group on the networks of its addresses
alone, which by default is none beyond this machine.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bandmate import __version__

if TYPE_CHECKING:
    from zeroconf import ServiceInfo

GROUP, PORT = "224.0.0.251", 5353
"""Of mDNS."""

OSC, QUERY = "_osc._udp.local.", "_oscjson._tcp.local."
"""What bandmate is announced as."""

AGAIN_SECONDS = 1.0
"""Between the two announcements."""

GATHER_SECONDS = 0.03
"""Questions that come so close together are answered at once."""

_RESPONSE = 0x8400
_LONGEST_HOST = 30
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """Something that can be found."""

    type: str
    """``_osc._udp.local.``, say."""
    port: int


def named(port: int) -> str:
    """Return the name under which the daemon whose OSC is on *port* is found on a network."""
    host = _UNSAFE.sub("-", socket.gethostname())[:_LONGEST_HOST].strip("-")
    return f"bandmate {port} on {host or 'this machine'}"


class Announcer:
    """Announces services until it is closed; a machine without a network is no mistake."""

    def __init__(self, name: str, services: Iterable[Service], addresses: Iterable[str]) -> None:
        """Take the name, what is served, and the IPv4 addresses at which it is."""
        self._name = name
        self._services = tuple(services)
        self._addresses = tuple(addresses)
        self._infos: list[ServiceInfo] = []
        self._out: list[socket.socket] = []
        self._in: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._answering: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Begin to announce, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._announce())

    async def close(self) -> None:
        """Tell that the services go, and announce no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._answering:
            self._answering.cancel()
        self._send(ttl=0)
        if self._in:
            self._in.close()
        for wire in self._out:
            wire.close()
        self._out = []
        await asyncio.sleep(0)  # the transport lets go of its socket on the next turn of the loop

    async def _announce(self) -> None:
        try:
            self._infos = await asyncio.to_thread(self._described)
            self._out = [_sending(address) for address in self._addresses]
            self._in, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Questions(self), sock=_listening(self._addresses)
            )
        except OSError as error:
            log.info("bandmate is not announced on the network (%s)", error.strerror or error)
            return
        self._send()
        await asyncio.sleep(AGAIN_SECONDS)
        self._send()

    def _described(self) -> list[ServiceInfo]:
        # It takes some tenths of a second to import, which nobody should wait for at the start.
        from zeroconf import ServiceInfo

        return [
            ServiceInfo(
                service.type,
                f"{self._name}.{service.type}",
                port=service.port,
                properties={"txtvers": "1", "version": __version__},
                server=f"{self._name.replace(' ', '-')}.local.",
                addresses=[socket.inet_aton(address) for address in self._addresses],
            )
            for service in self._services
        ]

    def hear(self, packet: bytes) -> None:
        """Take in a packet; a question about our services is answered in a moment."""
        from zeroconf import DNSIncoming  # type: ignore[attr-defined]  # not in its __all__

        said: Any = DNSIncoming(packet)
        if not said.valid or not said.is_query() or self._answering:
            return
        ours = {word.lower() for info in self._infos for word in (info.type, info.name)}
        ours |= {str(info.server).lower() for info in self._infos}
        if any(question.name.lower() in ours for question in said.questions):
            loop = asyncio.get_running_loop()
            self._answering = loop.call_later(GATHER_SECONDS, self._answer)

    def _answer(self) -> None:
        self._answering = None
        self._send()

    def _send(self, ttl: int | None = None) -> None:
        """Send all records; a *ttl* of 0 says that they hold no more."""
        if not self._infos:
            return
        from zeroconf import DNSOutgoing  # type: ignore[attr-defined]

        out: Any = DNSOutgoing(_RESPONSE)
        for info in self._infos:
            records = (info.dns_pointer(ttl), info.dns_service(ttl), info.dns_text(ttl))
            for record in (*records, *info.dns_addresses(ttl)):
                out.add_answer_at_time(record, 0)
        for wire in self._out:
            for packet in out.packets():
                with suppress(OSError):  # a network that went; the others are told
                    wire.sendto(packet, (GROUP, PORT))


class _Questions(asyncio.DatagramProtocol):
    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._announcer.hear(data)

    def error_received(self, exc: Exception) -> None:
        log.debug("mDNS: %s", exc)


def _shared() -> socket.socket:
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        with suppress(OSError):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    wire.setblocking(False)
    return wire


def _listening(addresses: Iterable[str]) -> socket.socket:
    """Return a socket that hears the group on the networks of *addresses*; raises OSError."""
    known = tuple(addresses)
    wire = _shared()
    try:
        # Windows binds to no group; there the address of one network keeps the others out.
        wire.bind((known[0] if sys.platform == "win32" else GROUP, PORT))
        for address in known:
            member = socket.inet_aton(GROUP) + socket.inet_aton(address)
            wire.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    except OSError:
        wire.close()
        raise
    return wire


def _sending(address: str) -> socket.socket:
    """Return a socket that sends to the group on one network; raises OSError."""
    wire = _shared()
    try:
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        wire.bind((address, PORT))  # answers come from this port, or are passed over
    except OSError:
        wire.close()
        raise
    return wire


def addresses_of(address: str) -> list[str]:
    """Return the IPv4 addresses at which a socket bound to *address* is reached; blocks."""
    if address == "0.0.0.0":  # noqa: S104 - compared, not bound
        from ifaddr import get_adapters  # zeroconf stands on it

        return sorted({str(ip.ip) for card in get_adapters() for ip in card.ips if ip.is_IPv4})
    return [address] if ":" not in address else []
