"""Captures read back, by no code of the program but the decoder of one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from obtui.frame import Frame
from obtui.recording.capture import decode_line

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def content(path: Path) -> bytes:
    """What is in a file; a compressed one must be whole from its first frame to its last."""
    data = path.read_bytes()
    return zstd.decompress(data) if path.suffix == ".zst" else data


def readable(path: Path) -> bytes:
    """What can be read of a file whose last frame may be torn."""
    data = path.read_bytes()
    if path.suffix != ".zst":
        return data
    out = b""
    while data:
        decompressor = zstd.ZstdDecompressor()
        out += decompressor.decompress(data)
        data = decompressor.unused_data
    return out


def captured(path: Path) -> list[Frame]:
    """Every line of a capture, each of which must be one."""
    data = content(path)
    assert data.endswith(b"\n") or not data
    return [decode_line(line) for line in data.splitlines()]


def kinds(frames: Sequence[Frame]) -> str:
    """`header frame frame end`."""
    return " ".join(frame.kind.value for frame in frames)
