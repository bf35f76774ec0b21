"""MIDI files as hexdumps that say beside each row what it is."""

from __future__ import annotations

HEADER = "4d 54 68 64  00 00 00 06"


def dumped(text: str) -> bytes:
    """Return the bytes of a hexdump; ``#`` starts a comment."""
    return bytes.fromhex(" ".join(line.partition("#")[0] for line in text.splitlines()))


def file_of(*tracks: str, kind: int = 1, division: int = 4) -> bytes:
    """Return a file of tracks given as hexdumps, an end_of_track behind each, *division* a beat."""
    header = bytes.fromhex(HEADER) + b"".join(
        number.to_bytes(2, "big") for number in (kind, len(tracks), division)
    )
    return header + b"".join(map(track_of, tracks))


def track_of(text: str, wait: int = 0) -> bytes:
    """Return one track chunk that ends *wait* ticks (below 128) behind its last event."""
    body = dumped(text) + bytes([wait, 0xFF, 0x2F, 0x00])
    return b"MTrk" + len(body).to_bytes(4, "big") + body
