"""The file that an export goes to: there whole and under its name, or not at all.

It is written under a temporary name beside its own and renamed at the end, so that a failure, a
signal or a full disk leaves neither half a file nor less than was there before. What has the name
already is kept, unless it may be overwritten. A name that ends in `.gz` or `.zst` is compressed.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import secrets
import stat
import sys
from types import TracebackType
from typing import IO, Self, cast

from obtui.export.base import ExportError
from obtui.recording.opening import shown, why

STDOUT = "-"
COMPRESSED = (".gz", ".zst")

_GZIP_LEVEL = 6
_BUFFER_BYTES = 1 << 18


class OutFile:
    """A file, or standard output, to be written once; made by `create`. A context manager."""

    def __init__(self, path: str, temporary: str, raw: IO[bytes], *, overwrite: bool) -> None:
        self._path = path
        self._temporary = temporary
        self._raw = raw
        self._overwrite = overwrite
        self.stream = _packing(raw, path) if temporary else raw
        """To be written to; not to be closed."""

    @classmethod
    def create(cls, path: str, *, overwrite: bool, inputs: list[str]) -> OutFile:
        """Begin `path` (`-`: standard output). `inputs` are files that it must not replace.

        Raises ExportError where it cannot be written, or is there and may not be overwritten.
        """
        if path == STDOUT:
            return cls(path, "", sys.stdout.buffer, overwrite=overwrite)
        try:
            mode = _check(path, inputs, overwrite=overwrite)
            target = os.path.realpath(path) if mode is not None else path
            folder = os.path.dirname(target)
            temporary = os.path.join(folder, f".obtui-export-{secrets.token_hex(4)}.part")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            fd = os.open(temporary, flags, 0o666)
            if mode is not None:
                os.fchmod(fd, stat.S_IMODE(mode))
        except (OSError, ValueError) as error:
            raise ExportError(f"cannot write {shown(path)}: {why(path, error)}") from error
        raw = os.fdopen(fd, "wb", _BUFFER_BYTES)
        return cls(target, temporary, cast("IO[bytes]", raw), overwrite=overwrite)

    def keep(self) -> None:
        """All was written: bring it to the disk, and give it its name.

        Raises OSError, or ExportError where another file has taken the name meanwhile.
        """
        if not self._temporary:
            self._raw.flush()
            return
        if self.stream is not self._raw:
            self.stream.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        if self._overwrite:
            os.replace(self._temporary, self._path)
        else:
            self._name_new()
        self._temporary = ""

    def _name_new(self) -> None:
        """Rename, unless there is such a file by now."""
        try:
            os.link(self._temporary, self._path)
        except FileExistsError:
            raise ExportError(_exists(self._path)) from None
        except OSError:  # a file system without hard links
            if os.path.lexists(self._path):
                raise ExportError(_exists(self._path)) from None
            os.rename(self._temporary, self._path)
        else:
            os.unlink(self._temporary)

    def __enter__(self) -> Self:
        """Nothing more is to be done."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Without `keep` nothing is left."""
        if self._temporary:
            # The name first: closing writes what is buffered, and may fail again.
            with contextlib.suppress(OSError):
                os.unlink(self._temporary)
            self._temporary = ""
            for stream in (self.stream, self._raw):
                with contextlib.suppress(OSError, ValueError):
                    stream.close()


def _check(path: str, inputs: list[str], *, overwrite: bool) -> int | None:
    """The mode of the file to replace, or None; raises ExportError where it must not be."""
    if not os.path.lexists(path):
        return None
    if any(name != STDOUT and _same(path, name) for name in inputs):
        raise ExportError(f"{shown(path)} is what is to be exported: choose another name")
    if not overwrite:
        raise ExportError(_exists(path))
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not stat.S_ISREG(mode):
        raise ExportError(
            f"cannot write {shown(path)}: it is a device or pipe; -o - writes to standard output"
        )
    return mode


def _same(path: str, other: str) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def _packing(raw: IO[bytes], path: str) -> IO[bytes]:
    """`raw`, or what compresses into it."""
    if path.endswith(".gz"):
        # Neither name nor time goes in, so that the same export gives the same bytes.
        packed = gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0)
        return cast("IO[bytes]", packed)
    if path.endswith(".zst"):
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdFile
        else:
            from backports.zstd import ZstdFile
        return cast("IO[bytes]", ZstdFile(raw, "w"))
    return raw


def _exists(path: str) -> str:
    return f"{shown(path)} exists: choose another name, or give --overwrite"
