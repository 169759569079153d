"""The bytes of a recording as they were before they were compressed, a piece at a time.

Plain, gzip and zstandard, told apart by their first bytes, from a file or from a pipe, whole or
torn, finished or still growing: `Unpacked.read` gives what there is, and may be asked again later.
It knows nothing of lines or recordings.

Where a compressed stream is torn (a kill in the middle of a frame, after which the next run
appended its own) what cannot be read is left out, and a newline stands in its place, so that
nothing is glued to half a line.
"""

from __future__ import annotations

import bisect
import sys
import zlib
from array import array
from typing import Protocol

from obtui.recording.blocks import SKIPPABLE, ZSTD_MAGIC, BlockWalk, find_magic
from obtui.recording.raw import Raw

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

CHUNK_BYTES = 1 << 18
"""How much is read at once, packed or not."""
ENTRY_BYTES = 1 << 18
"""Unpacked bytes between two noted places from which a zstandard file can be read."""

GZIP_MAGIC = b"\x1f\x8b"


class Torn(Protocol):
    """Told of a place that could not be read."""

    def __call__(self, offset: int, what: str) -> None:
        """`offset` is that of the unpacked stream."""


class Entries:
    """Places of a compressed file from which it can be read without what is before them."""

    def __init__(self) -> None:
        self._unpacked = array("Q")
        self._packed = array("Q")

    def __len__(self) -> int:
        return len(self._unpacked)

    def add(self, unpacked: int, packed: int) -> None:
        """Note one, in ascending order; one that is near the last, or before it, is not needed."""
        last = self._unpacked[-1] if self._unpacked else 0
        if unpacked >= last + ENTRY_BYTES:
            self._unpacked.append(unpacked)
            self._packed.append(packed)

    def before(self, unpacked: int) -> tuple[int, int]:
        """The last one at or before `unpacked`, as (unpacked, packed); (0, 0) if there is none."""
        at = bisect.bisect_right(self._unpacked, unpacked) - 1
        return (self._unpacked[at], self._packed[at]) if at >= 0 else (0, 0)

    def pairs(self) -> list[tuple[int, int]]:
        """All of them, to be kept."""
        return list(zip(self._unpacked, self._packed, strict=True))


class Unpacked(Protocol):
    """A recording's bytes, read forward."""

    offset: int
    """Of the next byte of the unpacked stream that `read` gives."""
    packed: int
    """How far the file itself has been read, in bytes."""

    def read(self) -> bytes:
        """Some more bytes; none where there are none yet. Raises OSError."""
        ...

    def finish(self) -> bytes:
        """Say that no more will come; the rest, and a torn end is told."""
        ...


class Plain:
    """What was never compressed."""

    def __init__(self, raw: Raw, offset: int = 0) -> None:
        self._raw = raw
        self.offset = self.packed = offset

    def read(self) -> bytes:
        """Some more bytes."""
        data = self._raw.read_at(self.offset, CHUNK_BYTES)
        self.offset += len(data)
        self.packed = self.offset
        self._raw.forget(self.offset)
        return data

    def rewind(self, offset: int) -> int:
        """Go back to `offset`; returns it."""
        self.offset = self.packed = offset
        return offset

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""


class Gzip:
    """Concatenated gzip members; can only be read from the start."""

    def __init__(self, raw: Raw, torn: Torn) -> None:
        self._raw = raw
        self._torn = torn
        self._member: zlib._Decompress | None = None
        self._broken = False
        self.offset = self.packed = 0

    def read(self) -> bytes:
        """Some more bytes."""
        while not self._broken:
            data = self._raw.read_at(self.packed, CHUNK_BYTES)
            if not data:
                break
            made = self._unpack(data)
            self._raw.forget(self.packed)
            if made:
                self.offset += len(made)
                return made
        return b""

    def _unpack(self, data: bytes) -> bytes:
        if self._member is None:
            bare = data.lstrip(b"\0")  # padding between members is legal
            self.packed += len(data) - len(bare)
            if not bare:
                return b""
            data = bare
            self._member = zlib.decompressobj(wbits=31)
        try:
            # Bounded: a file may unpack to a thousand times its size.
            made = self._member.decompress(data, CHUNK_BYTES)
        except zlib.error as error:
            self._broken = True
            self._torn(self.offset, f"gzip cannot be unpacked from here on: {error}")
            return b""
        self.packed += len(data) - len(self._member.unused_data or self._member.unconsumed_tail)
        if self._member.eof:
            self._member = None
        return made

    def finish(self) -> bytes:
        """Tell a member without its end."""
        if self._member is not None and not self._broken:
            made = self._member.flush()
            self.offset += len(made)
            self._broken = True
            self._torn(self.offset, "gzip ends in the middle")
            return made
        return b""


class Zstd:
    """Concatenated zstandard frames, each readable alone.

    The heads of a frame's blocks are walked before the blocks are unpacked: so a frame that was
    torn, and to which another was appended, is known before the other's bytes are taken for its.
    """

    def __init__(
        self, raw: Raw, torn: Torn, entries: Entries, entry: tuple[int, int] = (0, 0)
    ) -> None:
        """`entry` is where to begin: the offset in the unpacked stream, and in the file."""
        self._raw = raw
        self._torn = torn
        self._entries = entries
        self.offset, self.packed = entry
        self._walk = BlockWalk(raw, self.packed)
        self._unpacker = ZstdDecompressor()

    def read(self) -> bytes:
        """Some more bytes: of whole blocks, where the frame is not whole yet."""
        while True:
            made = self._more()
            if made is None:
                return b""
            if made:
                self.offset += len(made)
                return made

    def _more(self) -> bytes | None:
        """A step: what it gave, or None where it can go no further for now."""
        if not (self._unpacker.needs_input or self._unpacker.eof):
            return self._unpack(b"")
        walk = self._walk
        walk.on(self.packed)
        if self.packed < walk.safe:
            return self._unpack(
                self._raw.read_at(self.packed, min(CHUNK_BYTES, walk.safe - self.packed))
            )
        if walk.broken:
            return self._skip_to_next()
        if walk.end is not None:
            self._open_frame(walk.end)
            return b""
        return None

    def _unpack(self, data: bytes) -> bytes:
        try:
            # Bounded: a file may unpack to ten thousand times its size.
            made = self._unpacker.decompress(data, CHUNK_BYTES)
        except ZstdError:
            self._walk.give_up(self.packed)
            self._unpacker = ZstdDecompressor()
            return b""
        self.packed += len(data)
        self._raw.forget(self.packed)
        return made

    def _open_frame(self, start: int) -> None:
        self.packed = start
        self._raw.forget(start)
        self._entries.add(self.offset, start)
        self._walk = BlockWalk(self._raw, start)
        self._unpacker = ZstdDecompressor()

    def _skip_to_next(self) -> bytes | None:
        """Go on at the next frame; a newline for what was left out, None where none has come."""
        found = find_magic(self._raw, max(self.packed, self._walk.start + 1))
        if found is None:
            return None
        self._torn(self.offset, "a torn zstandard frame")
        # The newline comes before the frame in the unpacked stream, and is counted by `read`.
        self.offset += 1
        self._open_frame(found)
        self.offset -= 1
        return b"\n"

    def finish(self) -> bytes:
        """Tell a frame without its end."""
        if self.packed > self._walk.start or self._raw.read_at(self.packed, 1):
            self._torn(self.offset, "the last zstandard frame is torn")
            self._walk = BlockWalk(self._raw, self.packed)
        return b""


def unpack(raw: Raw, torn: Torn, entries: Entries, offset: int = 0) -> Unpacked:
    """What is in `raw`, by its first bytes, from at or before `offset` of the unpacked stream on.

    `torn` is told of what cannot be read, `entries` is asked for a place to begin at, and told of
    others. A gzip file is read from its start, wherever `offset` is.
    """
    raw.has(4)
    head = raw.read_at(0, 4)
    if head.startswith(GZIP_MAGIC):
        return Gzip(raw, torn)
    if head == ZSTD_MAGIC or (len(head) == 4 and head[1:] == SKIPPABLE):
        return Zstd(raw, torn, entries, entries.before(offset))
    return Plain(raw, offset)
