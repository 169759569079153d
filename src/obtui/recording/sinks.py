"""How lines become a file's bytes: as they are, or compressed where the name ends in `.zst`.

A sink takes whole lines and counts those that are whole in the file; it knows nothing of what they
say, of queues or threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from obtui.recording.files import Disk, RecordFile

ZSTD_SUFFIX = ".zst"


class Sink(Protocol):
    """Takes lines; one thread uses it at a time."""

    file: RecordFile
    lines: int
    """Lines wholly handed to the OS."""

    def head(self, limit: int) -> bytes:
        """About the first `limit` bytes of the lines that were there before. Raises OSError."""
        ...

    def tail(self, limit: int) -> bytes:
        """At most the last `limit` bytes of them; asked for before the first write."""
        ...

    def write(self, lines: Sequence[bytes], give_up: Callable[[], bool]) -> None:
        """Hand `lines` to the OS, as far as it takes them: what was torn is cut off again.

        It is left early when `give_up` says so. Raises OSError; `lines` tells how far it came.
        """
        ...

    def round_off(self, give_up: Callable[[], bool]) -> None:
        """See that what was written so far can be read whatever comes after. Raises OSError."""
        ...


class PlainSink:
    """Lines as they are."""

    def __init__(self, file: RecordFile) -> None:
        self.file = file
        self.lines = 0
        # Standard output cannot be read back, so only a file opened by path is looked at.
        looked_at = file.appended and file.readable
        self._torn = looked_at and file.read(file.size - 1, 1) != b"\n"

    def head(self, limit: int) -> bytes:
        """As in `Sink`."""
        return self.file.read(0, limit) if self.file.appended and self.file.readable else b""

    def tail(self, limit: int) -> bytes:
        """As in `Sink`."""
        file = self.file
        if not (file.appended and file.readable):
            return b""
        return file.read(max(0, file.size - limit), limit)

    def write(self, lines: Sequence[bytes], give_up: Callable[[], bool]) -> None:
        """As in `Sink`."""
        file = self.file
        if self._torn:
            file.set_apart()
            self._torn = False
        before = file.written
        data = b"".join(lines)
        try:
            file.write(data, give_up)
        finally:
            done = file.written - before
            if done == len(data):
                self.lines += len(lines)
            else:
                self._cut(lines, done)

    def round_off(self, give_up: Callable[[], bool]) -> None:
        """A line is a unit of its own."""

    def _cut(self, lines: Sequence[bytes], done: int) -> None:
        """Of `done` bytes written, take those of a torn line off again."""
        for line in lines:
            if done < len(line):
                self.file.cut(done)
                return
            done -= len(line)
            self.lines += 1


def sink_for(file: RecordFile) -> Sink:
    """The sink that the file's name asks for.

    Raises RecordingError where what is in the file is not of that kind. The file is then still
    the caller's to close.
    """
    if file.path.endswith(ZSTD_SUFFIX):
        # Most recordings are plain: they need not wait for the library.
        from obtui.recording.compress import ZstdSink

        return ZstdSink(file)
    return PlainSink(file)


def open_sink(path: str, *, disk: Disk, stdout: int = 1, overwrite: bool = False) -> Sink:
    """Open `path` as `RecordFile.open` does, with the sink for it. Raises RecordingError."""
    file = RecordFile.open(path, disk=disk, stdout=stdout, overwrite=overwrite)
    try:
        return sink_for(file)
    except BaseException:
        # Also at a Ctrl+C: whatever ends it, the lock would stay with a descriptor nobody has.
        file.close()
        raise
