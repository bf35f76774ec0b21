"""The doors: who beyond this machine is let in, and what those may not say.

Whoever is on this machine is at home. A foreign client must come from an address that is allowed,
and its first word must be a hello with the token; nothing on the way is encrypted. It names no file
outside the clips folder and no mailbox.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bandmate.clients.clients import Client
from bandmate.clients.file_access import PATHS
from bandmate.config import Settings
from bandmate.contract.addresses import ADDRESSES
from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError
from bandmate.fields import shown

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

KNOWN_SECONDS = 300.0
"""Silence after which a foreign client without a connection must say the token again."""

GUESSES, GUESS_SECONDS = 5, 60.0
"""Wrong tokens in that many seconds after which an address is not listened to for as long."""

_MOST = 1024

T = TypeVar("T")


def read_networks(text: str) -> tuple[Network, ...]:
    """Read ``192.168.1.20, 10.0.0.0/24``; raises AskError."""
    try:
        return tuple(
            ipaddress.ip_network(word.strip(), strict=False)
            for word in text.split(",")
            if word.strip()
        )
    except ValueError:
        raise AskError(
            f"allow must be addresses or networks such as 192.168.1.20, 10.0.0.0/24, "
            f"not {shown(text)}"
        ) from None


def is_home(host: str) -> bool:
    """Return True for an address of this machine's loopback."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


class Doors:
    """Lets messages in, or not; used from the event loop alone."""

    def __init__(
        self,
        clips: Path,
        networks: Iterable[Network] = (),
        token: str = "",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the clips folder, who may come from beyond this machine, and what they must say."""
        self._clips = clips.resolve()
        self._networks = tuple(networks) if token else ()
        self._token = token.encode()
        self._now = now
        self._known: OrderedDict[str, float] = OrderedDict()
        self._told: OrderedDict[str, None] = OrderedDict()
        self._guesses: OrderedDict[str, list[float]] = OrderedDict()

    def may_come(self, host: str) -> bool:
        """Return True for an address at home or one that is allowed; others get no answer."""
        if is_home(host):
            return True
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)

    def knows(self, client: Client) -> bool:
        """Return True for a client at home, and for one that has said the token."""
        return is_home(client.host) or self._is_known(client)

    def forget(self, client: Client) -> None:
        """Let a client that begins anew say the token again."""
        self._known.pop(client.name, None)
        self._told.pop(client.name, None)

    def let_in(self, client: Client, message: Message) -> Message | None:
        """Return a message as it may be done; None where it is passed over in silence.

        Raises AskError for a foreign client that is told once to say the token, and for one that
        names what is none of its business.
        """
        if is_home(client.host):
            return message
        if not self.may_come(client.host):
            return None
        if not self._is_known(client) and not self._is_shown_in(client, message):
            if client.name in self._told:
                return None
            _remember(self._told, client.name, None)
            raise AskError("say hello with the token first")
        _remember(self._known, client.name, self._now())
        return self._seen_through(message)

    def _is_known(self, client: Client) -> bool:
        heard = self._known.get(client.name)
        if heard is None:
            return False
        return client.name.startswith("tcp:") or self._now() - heard <= KNOWN_SECONDS

    def _is_shown_in(self, client: Client, message: Message) -> bool:
        """Return True for a hello with the right token; a host that guesses on is not heard."""
        now = self._now()
        guesses = [s for s in self._guesses.get(client.host, ()) if now - s <= GUESS_SECONDS]
        said = _token_in(message)
        if said is None or len(guesses) >= GUESSES:
            return False
        if hmac.compare_digest(said.encode("utf-8", "replace"), self._token):
            return True
        _remember(self._guesses, client.host, [*guesses, now])
        return False

    def _seen_through(self, message: Message) -> Message:
        """Return the message with its paths inside the clips folder; raises AskError."""
        row = ADDRESSES.get(message.address)
        if row is None:
            return message
        arguments = list(message.arguments)
        first = 1 + len(row.takes)
        for index, field in enumerate(row.takes, 1):
            if field.name in PATHS and index < len(arguments):
                arguments[index] = self._inside(field.name, arguments[index])
        for index in range(first, len(arguments) - 1, 2):
            name, value = arguments[index], arguments[index + 1]
            if name in PATHS:
                arguments[index + 1] = self._inside(str(name), value)
            elif name == "reply" and str(value).startswith("mailbox:"):
                raise AskError("reply must be a port of yours, not a mailbox of this machine")
        return replace(message, arguments=tuple(arguments))

    def _inside(self, name: str, value: Atom) -> Atom:
        try:
            file = (self._clips / str(value)).resolve()
        except (ValueError, OSError, RuntimeError):
            file = Path()
        if not file.is_relative_to(self._clips):
            raise AskError(
                f"{name} must be a file of bandmate's clips folder for whoever asks from another "
                "machine"
            )
        return str(file)


def _token_in(message: Message) -> str | None:
    if message.address != "/bandmate/hello":
        return None
    rest = message.arguments[1:]
    pairs = zip(rest[::2], rest[1::2], strict=False)
    return next((str(value) for name, value in pairs if name == "token"), None)


def _remember(kept: OrderedDict[str, T], name: str, value: T) -> None:
    kept.pop(name, None)
    kept[name] = value
    if len(kept) > _MOST:
        kept.popitem(last=False)


async def opened_doors(settings: Settings, clips: Path) -> Doors:
    """Return the doors as they are set.

    Raises AskError where OSC is to be taken beyond this machine and it is not said from whom and
    with which token.
    """
    networks = read_networks(settings.allow)
    if not await _is_bound_at_home(settings.host) and not (networks and settings.token):
        raise AskError(
            f"host {settings.host} lies beyond this machine: set allow (whose addresses may come) "
            "and token (what they must say) too, or leave host at 127.0.0.1"
        )
    return Doors(clips, networks, settings.token)


def open_words(settings: Settings, address: str, port: int) -> str:
    """Return what is said at the start where OSC is taken beyond this machine, else nothing."""
    if is_home(address):
        return ""
    return (
        f"bandmate is open beyond this machine: {address}:{port} takes OSC from {settings.allow}, "
        "from whoever says the token; nothing on the way is encrypted"
    )


async def _is_bound_at_home(host: str) -> bool:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 0)
    except OSError:
        return is_home(host)
    return all(is_home(str(address[0])) for *_, address in found)
