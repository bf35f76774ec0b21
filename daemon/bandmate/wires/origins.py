"""Who may ask by HTTP: programs of this machine and our own page, and no page of another site.

A request must name this machine and our port. A browser says besides where a request comes from
(Fetch metadata): from our own page, from nobody (an address that was typed, a bookmark), or from
another site, which another port of this machine is too. From another site one thing is allowed: to
follow a link to the page itself. Programs and old browsers say nothing; of those, what they say in
``Origin`` and ``Referer`` counts.

https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

NAMES = ("127.0.0.1", "localhost")
"""What this machine may be called."""

Fields = Callable[[str], list[str]]
"""Returns all values of a header."""

_NEAR = ("same-origin", "none")
_AHEAD = ("Sec-Purpose", "Purpose", "X-Moz")  # fetched for somebody who has not asked for it yet


def is_ours(
    fields: Fields,
    port: int,
    *,
    is_front: bool = False,
    is_socket: bool = False,
    is_any_port: bool = False,
) -> bool:
    """Return True for a request to our *port* that may be answered.

    *is_front* is True for the page itself, *is_socket* for a WebSocket, which must name our page as
    its origin: it can act. With *is_any_port* a program may call us by any port or none.
    """
    ours = {f"{name}:{port}" for name in NAMES}
    hosts, origins = fields("Host"), fields("Origin")
    if len(hosts) != 1 or not _names_us(hosts[0].lower(), ours, is_any_port):
        return False
    if origins and (len(origins) > 1 or origins[0].lower() not in {f"http://{o}" for o in ours}):
        return False
    if is_socket:
        return bool(origins)
    return _is_near(fields, ours) or (is_front and not origins and _is_visit(fields))


def _names_us(host: str, ours: set[str], is_any_port: bool) -> bool:
    """Return True where a request means this machine, not a name that leads here by a trick."""
    if not is_any_port:
        return host in ours
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host) in NAMES


def _is_near(fields: Fields, ours: set[str]) -> bool:
    """Return True for what comes from our own page or from no page."""
    sites = fields("Sec-Fetch-Site")
    if sites:
        return len(sites) == 1 and sites[0].lower() in _NEAR
    return all(_place_of(referer) in ours for referer in fields("Referer"))


def _is_visit(fields: Fields) -> bool:
    """Return True where a person follows a link: in the whole window, and not ahead of time."""
    if not fields("Sec-Fetch-Site"):
        return True
    modes, goals = fields("Sec-Fetch-Mode"), fields("Sec-Fetch-Dest")
    is_ahead = any(fields(name) for name in _AHEAD)
    return modes == ["navigate"] and goals in ([], ["document"]) and not is_ahead


def _place_of(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


SHIELDS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
"""Headers of every answer: no other page may show, load or watch it."""
