"""How a file to append to is opened and locked, and one line on why it could not be.

It knows paths and the OS, not what is written.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time

STDOUT_NAME = "standard output"

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})
"""What a file system without locks says (some network mounts): recording beats refusing there."""


_LOCK_TRIES = 5
_LOCK_SECONDS = 0.01
"""Who only asks whether a file is being written holds its lock for an instant."""


class RecordingError(Exception):
    """A recording cannot be opened: one line that says what was wrong, where, and what to do."""


def open_fd(path: str, new: bool) -> tuple[int, bool]:
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
                f"cannot record to {shown(path)}: it is a device or socket; "
                "choose a file, or - for standard output"
            )
    # Readable, so that a torn last line can be seen.
    flags = os.O_RDWR | os.O_CREAT | common
    try:
        return os.open(path, flags | os.O_EXCL, 0o666), True
    except FileExistsError:
        if new:
            raise
        return os.open(path, flags, 0o666), False


def lock(path: str, fd: int) -> bool:
    """Become the one writer; False where the file system has no locks."""
    try:
        for left in reversed(range(_LOCK_TRIES)):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(_LOCK_SECONDS)
    except BlockingIOError:
        raise RecordingError(
            f"cannot record to {shown(path)}: it is being written by another program; "
            "choose another file"
        ) from None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def is_named(path: str, fd: int) -> bool:
    """Whether `path` still leads to the open file."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def shown(path: str) -> str:
    """The path as one printable line."""
    if path == "-":
        return STDOUT_NAME
    return path if path.isprintable() and path else ascii(path)


def why(path: str, error: OSError | ValueError) -> str:
    """What was wrong and what to do, for a failed open."""
    folder = shown(os.path.dirname(path) or ".")
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
