"""A file or stream that is only appended to: opened, locked, kept whole, synced.

It knows bytes and the OS, not lines' meaning, queues or threads: one thread uses a `RecordFile`
at a time. A regular file named by path has one writer, told by a lock, and its torn last line is
set apart from what is appended. A stream (standard output, a named pipe) has neither.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import stat
from collections.abc import Callable, Sequence

from obtui.recording import opening
from obtui.recording.opening import RecordingError

__all__ = ["Disk", "RecordFile", "RecordingError"]

_OPEN_TRIES = 5
"""How often a file may vanish between being opened and being locked before we give up."""

_POLL_MS = 20
"""How long a stalled stream is waited for before asking again whether to give up."""


class Disk:
    """The OS calls that can fail after the file is open, as a seam: tests make them fail."""

    def write(self, fd: int, data: memoryview) -> int:
        """Write some of `data` and return how many bytes, as `os.write`."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Return when all that was written is on the disk."""
        os.fsync(fd)

    def ftruncate(self, fd: int, size: int) -> None:
        """Cut the file to `size` bytes."""
        os.ftruncate(fd, size)

    def free(self, fd: int) -> int:
        """Bytes that this user may still write where the file is."""
        room = os.fstatvfs(fd)
        return room.f_bavail * room.f_frsize


class RecordFile:
    """An open file or stream; made by `open`."""

    def __init__(
        self,
        path: str,
        fd: int,
        *,
        disk: Disk,
        created: bool = False,
        locked: bool = False,
        overwrite: bool = False,
    ) -> None:
        status = os.fstat(fd)
        self.path = path
        self.name = opening.shown(path)
        """What to call it in a message."""
        self.regular = stat.S_ISREG(status.st_mode)
        """Whether it can be synced and cut; a pipe or terminal cannot."""
        self.device = status.st_dev
        """What tells whether two files share a disk."""
        self.size = status.st_size if self.regular and not overwrite else 0
        """Bytes that were there before, and that stay."""
        self.appended = self.size > 0
        """Whether there was content before."""
        self.readable = self.regular and path != "-"
        """Whether what was there before can be read: standard output is open for writing only."""
        self.written = 0
        """Bytes written here, without what sets a torn end apart."""
        self._fd = fd
        self._disk = disk
        self._created = created
        self._locked = locked
        self._overwrite = overwrite and self.regular
        self._replaces: Sequence[str] = ()

    @classmethod
    def open(
        cls, path: str, *, disk: Disk, stdout: int = 1, overwrite: bool = False, new: bool = False
    ) -> RecordFile:
        """Open `path` for appending, or a copy of the descriptor `stdout` when it is `-`.

        With `overwrite` what is there goes when the first byte is written, not before; with `new`
        there must be nothing yet (FileExistsError). Parents are not created. Raises
        RecordingError when it cannot be opened, is neither a regular file nor a named pipe with a
        reader, or is locked by another writer.
        """
        try:
            if path == "-":
                return cls(path, os.dup(stdout), disk=disk)
            for _ in range(_OPEN_TRIES):
                file = cls._open_named(path, disk, overwrite, new)
                if file is not None:
                    return file
        except FileExistsError:
            raise
        except (OSError, ValueError) as error:
            raise RecordingError(
                f"cannot record to {opening.shown(path)}: {opening.why(path, error)}"
            ) from error
        raise RecordingError(
            f"cannot record to {opening.shown(path)}: it is removed as fast as it is made; "
            "choose another file"
        )

    @classmethod
    def _open_named(cls, path: str, disk: Disk, overwrite: bool, new: bool) -> RecordFile | None:
        """Open by path; None when the file was removed before we had locked it."""
        fd, created = opening.open_fd(path, new)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                os.set_blocking(fd, True)
                return cls(path, fd, disk=disk)
            locked = opening.lock(path, fd)
            # The writer before us removes its empty file when it closes. Whoever had that file
            # open, waiting for the lock, would go on writing into a file without a name.
            if opening.is_named(path, fd):
                return cls(path, fd, disk=disk, created=created, locked=locked, overwrite=overwrite)
        except BaseException:
            # Also at a Ctrl+C: whatever ends it, the lock would stay with a descriptor nobody has.
            os.close(fd)
            raise
        os.close(fd)
        return None

    def write(self, data: bytes, give_up: Callable[[], bool]) -> bool:
        """Write all of `data`, going on after partial writes; False if `give_up` said so.

        Raises OSError. In both cases `written` tells how far it came.
        """
        if self._overwrite:
            self._clear()
        rest = memoryview(data)
        while rest:
            if give_up():
                return False
            if self.regular:
                count = self._disk.write(self._fd, rest)
            elif self._takes_more():
                # A pipe that is ready takes this much without blocking, so that a reader which
                # stalls is waited for above, where giving up is possible, not inside the OS.
                count = self._disk.write(self._fd, rest[: select.PIPE_BUF])
            else:
                continue
            self.written += count
            rest = rest[count:]
        return True

    def cut(self, count: int) -> None:
        """Take the last `count` bytes written off again, where that is possible.

        Where it is not (a stream, a disk that is gone, another program that wrote after us) they
        stay, and whoever appends next sets them apart.
        """
        if not self.regular or not count:
            return
        with contextlib.suppress(OSError):
            end = os.lseek(self._fd, 0, os.SEEK_CUR)
            if os.fstat(self._fd).st_size == end:
                self._disk.ftruncate(self._fd, end - count)
                # Standard output may be without O_APPEND, and would leave a hole here.
                os.lseek(self._fd, end - count, os.SEEK_SET)
                self.written -= count

    def replaces(self, paths: Sequence[str]) -> None:
        """Remove these, too, when the first byte is written over what was there."""
        self._replaces = paths

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes of what is there; for a `readable` file. Raises OSError."""
        return os.pread(self._fd, count, offset)

    def set_apart(self) -> None:
        """Put a newline behind a torn last line, which then is a line of its own."""
        self._disk.write(self._fd, memoryview(b"\n"))

    def drop_end(self, size: int) -> None:
        """Cut what was there before to its first `size` bytes."""
        self._disk.ftruncate(self._fd, size)

    def sync(self) -> None:
        """Return when all that was written is on the disk; nothing for a stream. Raises OSError."""
        if self.regular:
            self._disk.fsync(self._fd)

    def duplicate(self) -> int:
        """A descriptor of the same file for another thread, which closes it. Raises OSError."""
        return os.dup(self._fd)

    def close(self) -> None:
        """Unlock and close; a file that we made and left empty is removed. Raises nothing."""
        with contextlib.suppress(OSError):
            # Removed while still locked: nobody else can have begun to write into it.
            if (
                self._created
                and not os.fstat(self._fd).st_size
                and opening.is_named(self.path, self._fd)
            ):
                os.unlink(self.path)
        with contextlib.suppress(OSError):
            if self._locked:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def _clear(self) -> None:
        """Take away what is to be written over."""
        self._overwrite = False
        self._disk.ftruncate(self._fd, 0)
        for path in self._replaces:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _takes_more(self) -> bool:
        """Whether a stream can be written without blocking, or would say why not."""
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return bool(poll.poll(_POLL_MS))
