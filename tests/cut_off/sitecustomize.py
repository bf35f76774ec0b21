"""Cuts a Python process, and all that it starts, off from every network: what leads beyond this
machine is refused and noted. Put on PYTHONPATH; python imports it by its name at the start."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

PLACE = "BANDMATE_TEST_LEAVING"
"""Of the file in which each try is noted."""

_TRIES = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}
_OWN = {"", "localhost", "0.0.0.0", "::"}
_MDNS = "224.0.0.251"


def _leads_away(host: object) -> bool:
    if not isinstance(host, str) or host in _OWN:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True
    return not address.is_loopback and host != _MDNS  # which goes out on the loopback alone


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _TRIES:
        return
    place = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = place[0] if isinstance(place, tuple) else place
    is_inet = isinstance(place, tuple) or event == "socket.getaddrinfo"
    if is_inet and _leads_away(host.decode() if isinstance(host, bytes) else host):
        with Path(os.environ[PLACE]).open("a") as notes:
            notes.write(f"{event} {place!r}\n")
        raise PermissionError(1, "this process is cut off from the network")


if PLACE in os.environ:
    sys.addaudithook(_watch)
