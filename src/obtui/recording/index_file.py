"""The file that an index is kept in: a table, and the checkpoints that it points at.

    magic · checkpoint · checkpoint · ... · table · where the table is

Checkpoints are read one by one, when they are needed; the table is in memory. All of it is
checked by CRC, so that a damaged index is one that is not there. A book differs little from the
one before it: so all but each sixteenth are packed with that one as their dictionary. It knows
bytes, and no capture.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import tempfile
import zlib
from typing import IO

import msgspec

from obtui.frame import BookCheckpoint, FrameKind
from obtui.market import Instrument

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAGIC = b"obtui index 3\n"
_FOOTER = struct.Struct("<QII")
KEY_EVERY = 16
LARGEST_TABLE = 256 << 20


class Saved(msgspec.Struct, frozen=True, array_like=True):
    """A moment of a capture, as it is kept."""

    received_ns: int
    monotonic_ns: int
    connection: int
    frames: int
    messages: int
    connections: int
    resyncs: int
    trouble: str
    instrument: Instrument
    book: BookCheckpoint


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """Where a checkpoint is."""

    offset: int
    """Of the line after it, in what the capture holds unpacked."""
    time_ns: int
    """Latest receive time of all frames before it."""
    at: int
    """Where it is in the index, and how long, with its checksum."""
    length: int
    crc: int
    key: int
    """The number of the one that it is packed against; its own where it stands alone."""


class EventEntry(msgspec.Struct, frozen=True, array_like=True):
    """Something for the time line."""

    received_ns: int
    kind: FrameKind
    text: str
    offset: int
    line_ns: int


class Tie(msgspec.Struct, frozen=True, array_like=True):
    """What ties an index to its capture."""

    size: int
    mtime_ns: int
    head: int
    tail: int
    """Checksums of the first bytes, and of the last before `size`."""
    program: str
    """What made it: a decoder of another version may keep its state in another form."""


class Table(msgspec.Struct, array_like=True):
    """All of an index but the checkpoints."""

    tie: Tie
    first_ns: int = 0
    last_ns: int = 0
    frames: int = 0
    messages: int = 0
    checkpoints: list[Entry] = []
    entries: list[tuple[int, int]] = []
    """Places of a compressed file: offset unpacked, offset in the file."""
    events: list[EventEntry] = []
    more_events: int = 0
    connections: int = 0
    """Connections opened, and books lost, in the file; and what was known at its end."""
    resyncs: int = 0
    trouble: str = ""
    instrument: Instrument = Instrument("")


_encode = msgspec.msgpack.Encoder().encode
_decode_saved = msgspec.msgpack.Decoder(Saved).decode
_decode_table = msgspec.msgpack.Decoder(Table).decode


class Damaged(Exception):
    """The index is not what was written."""


class IndexFile:
    """An open index: checkpoints are appended and read back; the table comes last."""

    def __init__(self, stream: IO[bytes], path: str = "") -> None:
        """`path` is where it will be, or is; empty for one that is not kept."""
        self._stream = stream
        self._path = path
        self._end = len(MAGIC)
        self._key: tuple[int, bytes] | None = None
        self.size = 0
        """Bytes in all, once the table is written or read."""

    @classmethod
    def create(cls, folder: str | None) -> IndexFile:
        """A new one, in that folder or, for None, where nobody will find it. Raises OSError."""
        if folder is None:
            stream: IO[bytes] = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - ours to close
            file = cls(stream)
        else:
            fd, path = tempfile.mkstemp(prefix=".obtui-", suffix=".idx", dir=folder)
            file = cls(os.fdopen(fd, "w+b"), path)
        file._stream.write(MAGIC)
        return file

    @classmethod
    def load(cls, path: str) -> tuple[IndexFile, Table]:
        """Open one; raises OSError, or `Damaged`."""
        file = cls(open(path, "rb"), path)  # noqa: SIM115 - ours to close
        try:
            return file, file._read_table()
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        """Let go of it; one that was not kept is gone."""
        self._stream.close()

    def __del__(self) -> None:
        self.close()  # an index lives as long as the replay, and nobody has to end it

    def add(self, saved: Saved, offset: int, time_ns: int, number: int, room: float) -> Entry | int:
        """Append a checkpoint, the `number`th; if it is longer than `room`, only how long."""
        data = _encode(saved)
        key = self._key
        if key is None or number % KEY_EVERY == 0:
            key = (number, data)
        packed = _pack(data, key[1] if key[0] != number else b"")
        if len(packed) > room:
            return len(packed)
        self._key = key
        self._stream.seek(self._end)
        self._stream.write(packed)
        entry = Entry(offset, time_ns, self._end, len(packed), zlib.crc32(packed), key[0])
        self._end += len(packed)
        return entry

    def read(self, checkpoints: list[Entry], number: int) -> Saved:
        """The checkpoint of that number; raises `Damaged`."""
        entry = checkpoints[number]
        try:
            key = self._data(checkpoints[entry.key], b"") if entry.key != number else b""
            return _decode_saved(self._data(entry, key))
        except (OSError, zstd.ZstdError, msgspec.DecodeError, IndexError) as error:
            raise Damaged from error

    def _data(self, entry: Entry, key: bytes) -> bytes:
        self._stream.seek(entry.at)
        packed = self._stream.read(entry.length)
        if len(packed) != entry.length or zlib.crc32(packed) != entry.crc:
            raise Damaged
        return zstd.decompress(packed, zstd_dict=_prefix(key))

    def take_over(self, other: IndexFile, checkpoints: list[Entry]) -> None:
        """Begin with the checkpoints of another. Raises OSError or `Damaged`."""
        for entry in checkpoints:
            other._stream.seek(entry.at)
            packed = other._stream.read(entry.length)
            if zlib.crc32(packed) != entry.crc:
                raise Damaged
            self._stream.seek(entry.at)
            self._stream.write(packed)
            self._end = entry.at + entry.length
        if checkpoints:
            number = checkpoints[-1].key
            self._key = (number, other._data(checkpoints[number], b""))

    def finish(self, table: Table) -> None:
        """Append the table. Raises OSError."""
        data = zlib.compress(_encode(table))
        self._stream.seek(self._end)
        self._stream.write(data)
        self._stream.write(_FOOTER.pack(self._end, len(data), zlib.crc32(data)))
        self._stream.write(MAGIC)
        self._stream.flush()
        self.size = self._stream.tell()

    def keep(self, path: str, mode: int) -> None:
        """Put it in its place at once, as readable as `mode`. Raises OSError."""
        os.fchmod(self._stream.fileno(), mode & 0o666)
        os.fsync(self._stream.fileno())
        os.replace(self._path, path)
        self._path = path

    def discard(self) -> None:
        """Leave no file behind; it can be read until it is closed."""
        if self._path:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
            self._path = ""

    def _read_table(self) -> Table:
        stream = self._stream
        self.size = stream.seek(0, os.SEEK_END)
        end = self.size - len(MAGIC) - _FOOTER.size
        if end < len(MAGIC):
            raise Damaged
        stream.seek(0)
        head = stream.read(len(MAGIC))
        stream.seek(end)
        at, length, crc = _FOOTER.unpack(stream.read(_FOOTER.size))
        if head != MAGIC or stream.read() != MAGIC or at + length != end or length > LARGEST_TABLE:
            raise Damaged
        stream.seek(at)
        data = stream.read(length)
        if zlib.crc32(data) != crc:
            raise Damaged
        try:
            return _decode_table(zlib.decompress(data))
        except (msgspec.DecodeError, zlib.error) as error:
            raise Damaged from error


def _pack(data: bytes, key: bytes) -> bytes:
    if not key:
        return zstd.compress(data, 3)
    # The window must reach back over the whole of the dictionary.
    window = max(10, min(27, (len(data) + len(key)).bit_length()))
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: 3,
        zstd.CompressionParameter.window_log: window,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    return zstd.compress(data, options=options, zstd_dict=_prefix(key))


def _prefix(key: bytes) -> tuple[zstd.ZstdDict, int] | None:
    return zstd.ZstdDict(key, is_raw=True).as_prefix if key else None
