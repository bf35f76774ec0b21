"""A wire between a page and its daemon that a test cuts and mends, and lets swallow what passes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

HOST = "127.0.0.1"
_HEAD_END = b"\r\n\r\n"


class Cuttable:
    """Listens on a port of its own and passes on to the daemon's, both ways."""

    def __init__(self, port: int) -> None:
        """Stand before the daemon's *port*."""
        self._daemon_port = port
        self._listening = socket.create_server((HOST, 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._swallows_asks = False
        self._swallows_answers = False
        self._swallowed = threading.Condition()
        self._many = 0
        self._said, self._instead = b"", b""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the page is, through this wire."""
        return f"http://{HOST}:{self.port}/"

    def cut(self) -> None:
        """Break every connection, and let none come about."""
        with self._lock:
            self._is_cut = True
            for end in self._open:
                _shut(end)

    def mend(self) -> None:
        """Let connections come about again, and pass all on."""
        with self._lock:
            self._is_cut = self._swallows_asks = self._swallows_answers = False

    def swallow(self, asks: bool = False, answers: bool = False) -> None:
        """From now on lose what the page says, or what the daemon answers, without a word."""
        with self._lock:
            self._swallows_asks, self._swallows_answers = asks, answers
            self._many = 0

    def say_instead(self, said: bytes, instead: bytes) -> None:
        """From now on answer other bytes, as many, in the place of what the daemon *said*."""
        assert len(said) == len(instead)
        self._said, self._instead = said, instead

    def until_swallowed(self, patience: float) -> None:
        """Wait until something was lost."""
        with self._swallowed:
            assert self._swallowed.wait_for(lambda: self._many, patience), "nothing was said"

    def close(self) -> None:
        """End all of it."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                page, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(page,), daemon=True).start()

    def _join(self, page: socket.socket) -> None:
        with suppress(OSError), page, socket.create_connection((HOST, self._daemon_port)) as daemon:
            with self._lock:
                if self._is_cut:
                    return
                self._open |= {page, daemon}
            daemon.sendall(self._head(page))
            back = threading.Thread(target=self._pass, args=(daemon, page, self._loses_answers))
            back.start()
            self._pass(page, daemon, self._loses_asks)
            back.join()
            with self._lock:
                self._open -= {page, daemon}

    def _head(self, page: socket.socket) -> bytes:
        """Return the head of a request as one that came to the daemon's own port."""
        head = b""
        while _HEAD_END not in head and (data := page.recv(65536)):
            head += data
        here, there = (f"{HOST}:{port}".encode() for port in (self.port, self._daemon_port))
        return head.replace(here, there)

    def _loses_asks(self) -> bool:
        return self._swallows_asks

    def _loses_answers(self) -> bool:
        return self._swallows_answers

    def _pass(self, one: socket.socket, other: socket.socket, is_lost: Callable[[], bool]) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if is_lost():
                    with self._swallowed:
                        self._many += 1
                        self._swallowed.notify_all()
                else:
                    other.sendall(data.replace(self._said, self._instead) if self._said else data)
        _shut(other)
        _shut(one)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
