"""A checkpoint of two tensors, written here byte by byte, is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from bundle import read_bundle  # noqa: E402 - beside the weights it reads

MAGIC = bytes.fromhex("57fb808b247547db")
HEADER = b"\x08\x01"  # one shard


def entry(kind: int, shape: tuple[int, ...], offset: int, size: int) -> bytes:
    """Return what the index says of a tensor: type, shape, offset, size, checksum."""
    sizes = b"".join(b"\x12\x02\x08" + bytes([n]) for n in shape)
    place = b"\x20" + bytes([offset]) if offset else b""
    return (
        b"\x08" + bytes([kind]) + b"\x12" + bytes([len(sizes)]) + sizes
        + place + b"\x28" + bytes([size]) + b"\x35\x00\x00\x00\x00"
    )  # fmt: skip


def block(*entries: tuple[int, bytes, bytes]) -> bytes:
    """Return a block: bytes shared with the key before, the rest of the key, the value."""
    rows = b"".join(bytes([s, len(k), len(v)]) + k + v for s, k, v in entries)
    restarts = b"\x00\x00\x00\x00" + b"\x01\x00\x00\x00"
    return rows + restarts


def saved(folder: Path, kind: int = 1, compression: int = 0) -> tuple[Path, Path]:
    data = np.arange(6, dtype="<f4").tobytes() + np.array([7.0], "<f4").tobytes()
    tensors = block(
        (0, b"", HEADER),
        (0, b"dense/bias", entry(1, (1,), 24, 4)),
        (6, b"kernel", entry(kind, (2, 3), 0, 24)),  # shares "dense/"
    )
    trailer = bytes([compression]) + b"\x00\x00\x00\x00"
    where = block((0, b"e", bytes([0, len(tensors)])))
    at = len(tensors) + len(trailer)
    footer = bytes([0, 0, at, len(where)])
    index = tensors + trailer + where + b"\x00" * 5 + footer.ljust(40, b"\x00") + MAGIC
    (folder / "i").write_bytes(index)
    (folder / "d").write_bytes(data)
    return folder / "i", folder / "d"


def test_tensors(tmp_path: Path) -> None:
    found = read_bundle(*saved(tmp_path))
    assert set(found) == {"dense/bias", "dense/kernel"}
    assert found["dense/kernel"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["dense/bias"].tolist() == [7]


def test_only_floats_are_read(tmp_path: Path) -> None:
    assert set(read_bundle(*saved(tmp_path, kind=3))) == {"dense/bias"}


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="compressed"):
        read_bundle(*saved(tmp_path, compression=1))
    index, data = saved(tmp_path)
    index.write_bytes(b"x" * 100)
    with pytest.raises(ValueError, match="not the index of a checkpoint"):
        read_bundle(index, data)
