"""Lines compressed as they are written, in zstandard frames that do not need each other.

A frame is ended at each `round_off`, about once a second, and within it every write ends with a
whole block. So a reader gets all that was written up to the last write, and a torn end costs
nobody more than the last frame. Of that, too, nothing is lost that can still be read: before a file
with a torn frame at its end is appended to, the frame is ended behind its last whole block. Were it
left, a plain decompressor would take what is appended for the rest of it and find garbage; and
bytes after a torn frame cannot be set apart by a newline, as in plain text.

It knows bytes and lines, not what they say.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from obtui.recording.files import RecordFile, RecordingError

if sys.version_info >= (3, 14):
    from compression.zstd import CompressionParameter, ZstdCompressor, ZstdDecompressor, ZstdError
else:
    from backports.zstd import CompressionParameter, ZstdCompressor, ZstdDecompressor, ZstdError

LEVEL = 1
"""Measured on book messages in blocks of 50 ms: as small as level 3, in 0.5 instead of 0.8 µs."""
MAGIC = b"\x28\xb5\x2f\xfd"
LARGEST_TORN = 64 << 20
"""Bytes of a torn end, packed, that are mended: ours are of a second."""

_SKIPPABLE = b"\x2a\x4d\x18"
"""A frame that other tools add, which holds no data; after a byte of which half is free."""
_RLE, _RESERVED = 1, 3
_LARGEST_BLOCK = 1 << 17
_LONGEST_HEAD = 18
_LAST_BLOCK = b"\x01\0\0"
"""An empty block that is its frame's last."""
_WINDOW = 1 << 20


class Tail(NamedTuple):
    """How a compressed file ends."""

    start: int
    """Where the last frame begins."""
    safe: int
    """Where its last whole block ends."""
    whole: bool
    """Whether it is there to its end."""
    checked: bool
    """Whether it ends with a checksum."""
    text: bytes
    """What is in its whole blocks."""
    rest: bytes = b""
    """What can be read of the block after them: of one that is stored as it is, what is there."""


class ZstdSink:
    """Lines in independent frames."""

    def __init__(self, file: RecordFile) -> None:
        """Raises RecordingError where there is content that is not compressed so."""
        self.file = file
        self.lines = 0
        self._compressor = _compressor()
        self._open = False
        """Whether a frame was begun."""
        looked_at = file.appended and file.readable
        self._tail = read_tail(file) if looked_at else None

    def write(self, lines: Sequence[bytes], give_up: Callable[[], bool]) -> None:
        """As in `sinks.Sink`; a write that fails is taken back whole."""
        if self._tail is not None:
            self._mend(self._tail)
            self._tail = None
        self._open = True
        data = self._compressor.compress(b"".join(lines), ZstdCompressor.FLUSH_BLOCK)
        if self._hand_over(data, give_up):
            self.lines += len(lines)

    def head(self, limit: int) -> bytes:
        """As in `sinks.Sink`."""
        return read_head(self.file, limit) if self._tail is not None else b""

    def tail(self, limit: int) -> bytes:
        """As in `sinks.Sink`."""
        return (self._tail.text + self._tail.rest)[-limit:] if self._tail is not None else b""

    def round_off(self, give_up: Callable[[], bool]) -> None:
        """End the frame."""
        if self._open:
            self._open = False
            self._hand_over(self._compressor.flush(ZstdCompressor.FLUSH_FRAME), give_up)

    def _hand_over(self, data: bytes, give_up: Callable[[], bool]) -> bool:
        """Whether all of it is in the file; otherwise none is, and the frame stays torn: what the
        compressor knows of it is more than what is there."""
        before = self.file.written
        whole = False
        try:
            whole = self.file.write(data, give_up)
        finally:
            if not whole:
                self._open = False
                self.file.cut(self.file.written - before)
        return whole

    def _mend(self, tail: Tail) -> None:
        """Make what was there something that can be appended to, and lose nothing readable."""
        data = b""
        if not tail.whole:
            self.file.drop_end(tail.safe if tail.text else tail.start)
            if tail.text:
                data = _LAST_BLOCK + (_pack(tail.text)[-4:] if tail.checked else b"")
        text = tail.text + tail.rest
        rest = tail.rest if text.endswith(b"\n") or not text else tail.rest + b"\n"
        if rest:
            data += _pack(rest)
        before = self.file.written
        self.file.write(data, _never)
        self.file.written = before  # it counts as what was there


def read_tail(file: RecordFile) -> Tail:
    """How a file with content ends; raises RecordingError where it is not compressed so."""
    if not _may_begin(file.read(0, 4)):
        raise RecordingError(
            f"cannot record to {file.name}: its name ends in .zst, but what is in it is not "
            "compressed so; choose another file"
        )
    tail = _last_frame(file)
    if tail is None or (not tail.whole and file.size - tail.start > LARGEST_TORN):
        raise RecordingError(
            f"cannot record to {file.name}: what it ends with cannot be read; choose another file"
        )
    return tail


def read_head(file: RecordFile, limit: int) -> bytes:
    """About the first `limit` unpacked bytes, or fewer where there are no more."""
    out = bytearray()
    offset = 0
    decompressor = ZstdDecompressor()
    while len(out) < limit and (data := file.read(offset, _WINDOW)):
        offset += len(data)
        while data and len(out) < limit:
            try:
                out += decompressor.decompress(data, limit)
                while not decompressor.eof and not decompressor.needs_input and len(out) < limit:
                    out += decompressor.decompress(b"", limit)
            except ZstdError:
                return bytes(out)
            data = b""
            if decompressor.eof:
                data = decompressor.unused_data
                decompressor = ZstdDecompressor()
    return bytes(out)


def _compressor() -> ZstdCompressor:
    return ZstdCompressor(
        options={
            CompressionParameter.compression_level: LEVEL,
            CompressionParameter.checksum_flag: 1,
        }
    )


def _pack(text: bytes) -> bytes:
    """A whole frame."""
    return _compressor().compress(text, ZstdCompressor.FLUSH_FRAME)


def _never() -> bool:
    return False


def _may_begin(head: bytes) -> bool:
    """Whether a frame begins so, as far as it is there."""
    return MAGIC.startswith(head[:4]) or (len(head) >= 4 and head[1:4] == _SKIPPABLE)


def _last_frame(file: RecordFile) -> Tail | None:
    """The last frame; None where there is none.

    Looked for from the end, so that a long file need not be read: where the magic number stands,
    and from there each frame leads to the next, up to the file's end.
    """
    unsure: Tail | None = None
    for start in _magics_from_the_end(file):
        tail = _follow(file, start)
        if tail is None:
            continue
        # Four bytes may look like a frame's first by chance. One that can be read is one; of a
        # torn one that cannot, the frame before it tells whether it ends there.
        if (
            tail.whole
            or tail.text
            or tail.rest
            or (unsure is not None and tail.start == unsure.start)
        ):
            return tail
        unsure = unsure or tail
    return unsure or (Tail(0, 0, False, False, b"") if file.size < _LONGEST_HEAD else None)


def _magics_from_the_end(file: RecordFile) -> Iterator[int]:
    reach = file.size
    while reach > 0:
        low = max(0, reach - _WINDOW)
        data = file.read(low, reach - low + len(MAGIC) - 1)
        at = data.rfind(MAGIC)
        while at >= 0:
            yield low + at
            at = data.rfind(MAGIC, 0, at + len(MAGIC) - 1)
        reach = low


def _follow(file: RecordFile, start: int) -> Tail | None:
    """The last frame, if from `start` on there are frames up to the file's end."""
    while True:
        head = file.read(start, 18)
        if head[1:4] == _SKIPPABLE and len(head) >= 8:
            end: int | None = start + 8 + int.from_bytes(head[4:8], "little")
            tail = Tail(start, start, end == file.size, False, b"")
        elif not MAGIC.startswith(head[:4]):
            # A machine that lost its power may leave a file longer than what was written to it.
            return Tail(start, start, False, False, b"") if _is_void(file, start) else None
        else:
            tail, end = _frame(file, start, head)
        if end is None or end >= file.size:
            return tail
        start = end


def _is_void(file: RecordFile, start: int) -> bool:
    """Whether nothing but zeros follow."""
    size = file.size - start
    return size <= LARGEST_TORN and not file.read(start, size).strip(b"\0")


def _frame(file: RecordFile, start: int, head: bytes) -> tuple[Tail, int | None]:
    """The frame at `start`, and where it ends; None where that is not within the file."""
    flags = head[4] if len(head) > 4 else 0
    single = flags >> 5 & 1
    at = start + 6 - single + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
    checksum = 4 if flags & 4 else 0
    text = bytearray()
    decompressor = ZstdDecompressor()
    readable = file.size - start <= LARGEST_TORN  # or it is another tool's: one frame for all
    begin, last = start, False
    while not last:
        block = file.read(at, 3)
        bits = int.from_bytes(block, "little")
        last, kind, size = bool(bits & 1), bits >> 1 & 3, bits >> 3
        end = at + 3 + (1 if kind == _RLE else size) + (checksum if last else 0)
        torn = len(block) < 3 or kind == _RESERVED or size > _LARGEST_BLOCK or end > file.size
        try:
            part = decompressor.decompress(file.read(begin, end - begin)) if readable else b""
        except ZstdError:
            torn, part = True, b""
        if torn:
            return Tail(start, begin, False, bool(checksum), bytes(text), part), None
        text += part
        del text[:-LARGEST_TORN]
        begin = at = end
    return Tail(start, at, True, bool(checksum), bytes(text)), at
