"""A small file that is there whole or not at all: what a run leaves to the next ones."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write it in one step; a folder that cannot be written to costs what is kept, and no more."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(part).replace(path)
        except BaseException:  # Ctrl+C too must leave no part of it behind
            Path(part).unlink(missing_ok=True)
            raise
