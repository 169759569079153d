"""Capture files written by hand, in the format's own words."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from obtui.cli import main
from obtui.frame import Frame

if sys.version_info >= (3, 14):
    from compression.zstd import compress, decompress
else:
    from backports.zstd import compress, decompress

unzstd = decompress


def line_of(frame: Frame) -> bytes:
    """A capture's line."""
    text = frame.data.decode("utf-8", "surrogateescape")
    fields = {"k": frame.kind.value, "t": frame.received_ns, "m": frame.monotonic_ns}
    return json.dumps(fields | {"c": frame.connection, "d": text}).encode() + b"\n"


def capture_of(frames: Iterable[Frame], *, packed: bool = False) -> bytes:
    """A capture's content."""
    content = b"".join(line_of(frame) for frame in frames)
    return compress(content) if packed else content


def recorded(name: str, content: Iterable[Frame], *, packed: bool = False) -> str:
    """A capture of that name, in the working directory."""
    Path(name).write_bytes(capture_of(content, packed=packed))
    return name


def export(*words: str) -> int:
    """`obtui export` with these words; the exit code."""
    return main(["export", *words])
