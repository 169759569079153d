"""How a zstandard file is put together: frames of blocks, told by their heads alone.

Source: RFC 8878, section 3.1.1. It unpacks nothing.
"""

from __future__ import annotations

from collections import deque

from obtui.recording.raw import Raw

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE = b"\x2a\x4d\x18"
"""Of a frame that other tools add and nobody need read; after a byte of which half is free."""
_RLE, _RESERVED = 1, 3
_LARGEST_BLOCK = 1 << 17
_WINDOW = 1 << 18


class BlockWalk:
    """How far a zstandard frame can be unpacked, told by the heads of its blocks alone."""

    def __init__(self, raw: Raw, start: int) -> None:
        self._raw = raw
        self.start = start
        self.end: int | None = None
        """Where the frame ends, once that is known."""
        self.broken = False
        """Whether it is no frame, or no frame any more after `safe`."""
        self._ends: deque[int] = deque([start])
        self._checksum = 0

    @property
    def safe(self) -> int:
        """Up to where it may be unpacked: the end of a block."""
        return self._ends[-1]

    def give_up(self, at: int) -> None:
        """The unpacker found what the heads did not tell."""
        self.broken = True
        self._ends = deque([at])

    def on(self, used: int) -> None:
        """Go on as far as the bytes have come, some way ahead of `used`."""
        if self.safe == self.start and not self.broken:
            self._head()
        while (
            self.end is None
            and not self.broken
            and self.start < self.safe < used + self._raw.ahead
            and self._block()
        ):
            while self._ends[0] < used and len(self._ends) > 1:
                self._ends.popleft()

    def _head(self) -> None:
        raw, start = self._raw, self.start
        if not raw.has(start + 6):
            return
        head = raw.read_at(start, 8)
        if head[:4] != ZSTD_MAGIC:
            if head[1:4] == SKIPPABLE and len(head) == 8:
                size = 8 + int.from_bytes(head[4:], "little")
                if raw.has(start + size):
                    self.end = start + size
            else:
                self.broken = True
            return
        flags = head[4]
        single = flags >> 5 & 1
        size = 6 - single + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
        self._checksum = 4 if flags & 4 else 0
        if raw.has(start + size):
            self._ends.append(start + size)

    def _block(self) -> bool:
        """Look at the next block; whether it is there, and one."""
        raw, at = self._raw, self.safe
        if not raw.has(at + 3):
            return False
        bits = int.from_bytes(raw.read_at(at, 3), "little")
        last, kind, size = bits & 1, bits >> 1 & 3, bits >> 3
        end = at + 3 + (1 if kind == _RLE else size) + (self._checksum if last else 0)
        if kind == _RESERVED or size > _LARGEST_BLOCK:
            return self._break(at + 3)
        if not raw.has(end):
            return False
        ends_well = not last or raw.ahead == 1 or _may_follow(raw.read_at(end, 4))
        # Otherwise garbage follows, or this is itself in what was appended to a torn one.
        if not ends_well and self._other_frame(end) is not None:
            return self._break(end)
        self._ends.append(end)
        if last:
            self.end = end
        return True

    def _break(self, reach: int) -> bool:
        """What ends at `reach` is no block: so the one before it, or one before that, was torn."""
        self.broken = True
        found = self._other_frame(reach)
        while found is not None and self.safe > found and len(self._ends) > 1:
            self._ends.pop()
        return False

    def _other_frame(self, reach: int) -> int | None:
        """Where another frame begins before `reach`, in what is taken for this one's blocks."""
        return find_magic(self._raw, max(self._ends[0], self.start + 4), reach)


def _may_follow(magic: bytes) -> bool:
    """Whether a frame may begin so, as far as it is there; the end of the file may be there too."""
    return ZSTD_MAGIC.startswith(magic) or SKIPPABLE.startswith(magic[1:])


def find_magic(raw: Raw, start: int, reach: int | None = None) -> int | None:
    """Where the next frame begins at or after `start`, before `reach`."""
    while (reach is None or start < reach) and raw.has(start + 4):
        data = raw.read_at(start, _WINDOW)
        at = data.find(ZSTD_MAGIC)
        if at >= 0:
            return start + at if reach is None or start + at < reach else None
        start += max(1, len(data) - 3)
        if reach is None:
            raw.forget(start)
    return None
