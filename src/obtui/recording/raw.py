"""Where a recording's bytes come from: a file, which may still grow, or a pipe, which is read once.

It knows offsets and the OS; not what the bytes mean.
"""

from __future__ import annotations

import fcntl
import os
import select
import stat
from collections.abc import Callable
from typing import Protocol

LOOK_SECONDS = 0.1
"""How soon it is noticed that nobody waits for a pipe any more."""

Stop = Callable[[], bool]


class Stopped(Exception):
    """Who reads does not want to go on."""


def never() -> bool:
    """For who reads to the end."""
    return False


class Raw(Protocol):
    """Bytes by their offset, read roughly forward."""

    ahead: int
    """How many bytes may be looked at ahead of those that are used: a pipe must not be waited for
    before what has come is used."""

    @property
    def size(self) -> int:
        """How many bytes there are by now; nothing is waited for."""
        ...

    def read_at(self, offset: int, count: int) -> bytes:
        """At most `count` bytes; none where there are none (yet). A pipe is waited for."""
        ...

    def has(self, end: int) -> bool:
        """Whether the bytes before `end` are there. A pipe is waited for."""
        ...

    def forget(self, before: int) -> None:
        """Bytes before this offset will not be asked for again."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class FileBytes:
    """A regular file."""

    ahead = 8 << 20

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def size(self) -> int:
        """Bytes, as of now."""
        return os.fstat(self._fd).st_size

    def read_at(self, offset: int, count: int) -> bytes:
        """What is there by now."""
        return os.pread(self._fd, count, offset)

    def has(self, end: int) -> bool:
        """Whether the file is that long by now."""
        return self.size >= end

    @property
    def removed(self) -> bool:
        """Whether no name leads to the file any more: nobody will see what is written to it."""
        return not os.fstat(self._fd).st_nlink

    def forget(self, before: int) -> None:
        """A file keeps its bytes itself."""

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._fd)


class PipeBytes:
    """A pipe or any other stream: kept from where it was last forgotten."""

    ahead = 1

    def __init__(self, fd: int) -> None:
        """`fd` becomes ours."""
        self._fd = fd
        self._kept = bytearray()
        self._start = 0
        self._ended = False
        self.keep = False
        """While set nothing is forgotten, so that what was looked at can be read again."""
        self.stop: Stop = never
        """Asked while it is waited for; `Stopped` is raised when it says so."""

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self._start + len(self._kept)

    def read_at(self, offset: int, count: int) -> bytes:
        """Waits for one byte at least; none at the end."""
        if not self.has(offset + 1):
            return b""
        at = offset - self._start
        return bytes(self._kept[at : at + count])

    def has(self, end: int) -> bool:
        """Waits until they have come, or the stream has ended."""
        while not self._ended and self._start + len(self._kept) < end:
            while not select.select([self._fd], [], [], LOOK_SECONDS)[0]:
                if self.stop():
                    raise Stopped
            data = os.read(self._fd, 1 << 18)
            self._ended = not data
            self._kept += data
        return self._start + len(self._kept) >= end

    def forget(self, before: int) -> None:
        """Free what is before this offset."""
        if not self.keep and before > self._start:
            del self._kept[: before - self._start]
            self._start = before

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._fd)


def open_raw(path: str, stdin: int = 0) -> FileBytes | PipeBytes:
    """Open `path`, or a copy of the descriptor `stdin` when it is `-`. Raises OSError."""
    if path == "-":
        return PipeBytes(os.dup(stdin))
    if stat.S_ISREG(os.stat(path).st_mode):
        return FileBytes(path)
    # Without waiting for who is to write to it: that is waited for where a stop is noticed.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    os.set_blocking(fd, True)
    return PipeBytes(fd)


def is_being_written(path: str) -> bool | None:
    """Whether a recorder holds the file's lock; None where that cannot be told.

    For an instant this holds a lock itself, which a recorder that starts in that very instant
    waits for (`opening.lock`). Asked only where a file's end says nothing.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        return False
    finally:
        os.close(fd)


def shown(path: str) -> str:
    """The path as one printable line."""
    if path == "-":
        return "standard input"
    return path if path.isprintable() and path else ascii(path)


def why_unreadable(error: OSError | ValueError) -> str:
    """What was wrong and what to do, for a file that cannot be read."""
    match error:
        case FileNotFoundError():
            return "there is no such file; check its name"
        case IsADirectoryError():
            return "it is a folder; name the files in it"
        case PermissionError():
            return "permission denied; choose a file that you may read"
        case OSError(strerror=str(reason)):
            return f"{reason}; choose another file"
    return "this cannot be a file's name; choose another"
