"""A TensorFlow checkpoint read without TensorFlow: an index of names, and one file of numbers.

The index is a sorted table of blocks, as LevelDB lays it out: keys share their beginnings with the
key before them, and a footer of 48 bytes tells where the block of blocks lies. Each value is a
protocol buffer: the type and shape of a tensor, and where its numbers lie in the data file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER = 48
_FLOAT = 1
_VARINT, _BYTES, _FIXED32 = 0, 2, 5


def read_bundle(index: Path, data: Path) -> dict[str, NDArray[np.float32]]:
    """Return the float tensors of a checkpoint by name; raises ValueError for other files."""
    table = index.read_bytes()
    if table[-8:] != _MAGIC:
        raise ValueError(f"{index} is not the index of a checkpoint")
    numbers = data.read_bytes()
    _, at = _handle(table[-_FOOTER:], 0)  # the block of facts about the table: not needed
    where, _ = _handle(table[-_FOOTER:], at)
    found = {}
    for _, handle in _entries(_block(table, where)):
        for key, value in _entries(_block(table, _handle(handle, 0)[0])):
            tensor = _tensor(value, numbers) if key else None
            if tensor is not None:
                found[key.decode()] = tensor
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number, and the place behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Return the offset and size of a block, and the place behind them."""
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _block(table: bytes, where: tuple[int, int]) -> bytes:
    offset, size = where
    if table[offset + size]:
        raise ValueError("the index is compressed, which is not read here")
    return table[offset : offset + size]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a block."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        size, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + size]
        at += size


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the numbers of the fields of a protocol buffer, each with its value."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value: int | bytes
        if tag & 7 == _VARINT:
            value, at = _varint(message, at)
        elif tag & 7 == _BYTES:
            size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        elif tag & 7 == _FIXED32:
            value, at = message[at : at + 4], at + 4
        else:
            raise ValueError(f"a field of kind {tag & 7} is not read here")
        yield tag >> 3, value


def _tensor(entry: bytes, numbers: bytes) -> NDArray[np.float32] | None:
    """Return the tensor of an entry, None where it does not hold floats."""
    kind = offset = size = 0
    shape: list[int] = []
    for field, value in _fields(entry):
        if field == 1 and isinstance(value, int):
            kind = value
        elif field == 2 and isinstance(value, bytes):
            shape = [_dimension(part) for f, part in _fields(value) if f == 2]
        elif field == 4 and isinstance(value, int):
            offset = value
        elif field == 5 and isinstance(value, int):
            size = value
    if kind != _FLOAT:
        return None
    return np.frombuffer(numbers[offset : offset + size], "<f4").reshape(shape)


def _dimension(part: int | bytes) -> int:
    assert isinstance(part, bytes)
    return next((int(value) for field, value in _fields(part) if field == 1), 0)
