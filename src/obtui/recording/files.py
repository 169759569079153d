"""A file or stream that is only appended to: opened, locked, kept whole, synced.

It knows bytes and the OS, not lines' meaning, queues or threads: one thread uses a `RecordFile`
at a time. A regular file named by path has one writer, told by a lock, and its torn last line is
set apart from what is appended. A stream (standard output, a named pipe) has neither.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import stat
from collections.abc import Callable

STDOUT_NAME = "standard output"

_OPEN_TRIES = 5
"""How often a file may vanish between being opened and being locked before we give up."""

_POLL_MS = 20
"""How long a stalled stream is waited for before asking again whether to give up."""

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})
"""What a file system without locks says (some network mounts): recording beats refusing there."""


class RecordingError(Exception):
    """A recording cannot be opened: one line that says what was wrong, where, and what to do."""


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


class RecordFile:
    """An open file or stream; made by `open`."""

    def __init__(
        self, path: str, fd: int, *, disk: Disk, created: bool = False, locked: bool = False
    ) -> None:
        status = os.fstat(fd)
        self.path = path
        self.name = _shown(path)
        """What to call it in a message."""
        self.regular = stat.S_ISREG(status.st_mode)
        """Whether it can be synced and cut; a pipe or terminal cannot."""
        self.appended = self.regular and status.st_size > 0
        """Whether there was content before."""
        self.written = 0
        """Bytes written here, without the newline that sets a torn line apart."""
        self._fd = fd
        self._disk = disk
        self._created = created
        self._locked = locked
        # Standard output cannot be read back, so only a file opened by path is looked at.
        self._torn = self.appended and path != "-" and _last_byte(fd, status.st_size) != b"\n"

    @classmethod
    def open(cls, path: str, *, disk: Disk, stdout: int = 1) -> RecordFile:
        """Open `path` for appending, or a copy of the descriptor `stdout` when it is `-`.

        Parents are not created. Raises RecordingError when it cannot be opened, is neither a
        regular file nor a named pipe with a reader, or is locked by another writer.
        """
        try:
            if path == "-":
                return cls(path, os.dup(stdout), disk=disk)
            for _ in range(_OPEN_TRIES):
                file = cls._open_named(path, disk)
                if file is not None:
                    return file
        except (OSError, ValueError) as error:
            raise RecordingError(f"cannot record to {_shown(path)}: {_why(path, error)}") from error
        raise RecordingError(
            f"cannot record to {_shown(path)}: it is removed as fast as it is made; "
            "choose another file"
        )

    @classmethod
    def _open_named(cls, path: str, disk: Disk) -> RecordFile | None:
        """Open by path; None when the file was removed before we had locked it."""
        fd, created = _open_fd(path)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                os.set_blocking(fd, True)
                return cls(path, fd, disk=disk)
            locked = _lock(path, fd)
            # The writer before us removes its empty file when it closes. Whoever had that file
            # open, waiting for the lock, would go on writing into a file without a name.
            if _is_named(path, fd):
                return cls(path, fd, disk=disk, created=created, locked=locked)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        return None

    def write(self, data: bytes, give_up: Callable[[], bool]) -> bool:
        """Write all of `data`, going on after partial writes; False if `give_up` said so.

        Raises OSError. In both cases `written` tells how far it came.
        """
        if self._torn:
            self._disk.write(self._fd, memoryview(b"\n"))
            self._torn = False
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

    def sync(self) -> None:
        """Return when all that was written is on the disk; nothing for a stream. Raises OSError."""
        if self.regular:
            self._disk.fsync(self._fd)

    def close(self) -> None:
        """Unlock and close; a file that we made and left empty is removed. Raises nothing."""
        with contextlib.suppress(OSError):
            # Removed while still locked: nobody else can have begun to write into it.
            if self._created and not os.fstat(self._fd).st_size and _is_named(self.path, self._fd):
                os.unlink(self.path)
        with contextlib.suppress(OSError):
            if self._locked:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def _takes_more(self) -> bool:
        """Whether a stream can be written without blocking, or would say why not."""
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return bool(poll.poll(_POLL_MS))


def _open_fd(path: str) -> tuple[int, bool]:
    """Open without locking; tells also whether the file was created by this."""
    # Neither a pipe without a reader nor a terminal may hold the caller up or become ours.
    common = os.O_CLOEXEC | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if stat.S_ISFIFO(mode):
            # For reading too, we would be our own reader and never learn that the other has gone.
            return os.open(path, os.O_WRONLY | common), False
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise RecordingError(
                f"cannot record to {_shown(path)}: it is a device or socket; "
                "choose a file, or - for standard output"
            )
    # Readable, so that a torn last line can be seen.
    flags = os.O_RDWR | os.O_CREAT | common
    try:
        return os.open(path, flags | os.O_EXCL, 0o666), True
    except FileExistsError:
        return os.open(path, flags, 0o666), False


def _lock(path: str, fd: int) -> bool:
    """Become the one writer; False where the file system has no locks."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RecordingError(
            f"cannot record to {_shown(path)}: it is being written by another program; "
            "choose another file"
        ) from None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def _is_named(path: str, fd: int) -> bool:
    """Whether `path` still leads to the open file."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def _last_byte(fd: int, size: int) -> bytes:
    return os.pread(fd, 1, size - 1)


def _shown(path: str) -> str:
    """The path as one printable line."""
    if path == "-":
        return STDOUT_NAME
    return path if path.isprintable() and path else ascii(path)


def _why(path: str, error: OSError | ValueError) -> str:
    """What was wrong and what to do, for a failed open."""
    folder = _shown(os.path.dirname(path) or ".")
    match error:
        case FileNotFoundError() if not path:
            why = "no file is named; name one"
        case FileNotFoundError() if os.path.islink(path):
            why = "it is a link that leads nowhere; choose another file"
        case FileNotFoundError():
            why = f"the folder {folder} does not exist; create it or choose another file"
        case NotADirectoryError():
            why = f"{folder} is not a folder; choose another file"
        case IsADirectoryError():
            why = "it is a folder; name a file in it"
        case PermissionError():
            why = "permission denied; choose a file that you may write"
        case OSError(errno=errno.ENXIO):
            why = "nobody reads this pipe; start its reader first"
        case OSError(errno=errno.EBADF):
            why = "it is closed; name a file"
        case OSError():
            why = f"{error.strerror}; choose another file"
        case _:
            why = "this cannot be a file's name; choose another"
    return why
