"""The venues' lists of instruments: asked over REST, and kept for a day under the cache folder.

A list that was made on this machine (a simulated exchange's) is not kept. What is kept may be
damaged, of another program or of another day: then it is as if it were not there.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from obtui import rest, spelling, whole_file
from obtui.address import is_loopback
from obtui.feeds.base import FeedError, VenueFeed
from obtui.market import Instrument

DAY_SECONDS = 86400.0
FORMAT = 1
LARGEST_FILE = 16 << 20


class Kept(msgspec.Struct, frozen=True):
    """A list in its file."""

    format: int
    venue: str
    host: str
    at: float
    """When it came, in seconds since the epoch."""
    instruments: list[Instrument]


async def ask(venue: type[VenueFeed], origin: str) -> list[Instrument] | None:
    """The venue's list as it is now, which is then kept; None where it cannot be had."""
    reply = await rest.fetch(origin, venue.instruments_path, rest.LARGEST_LIST)
    if reply is None or reply.status != 200:
        return None
    try:
        listed = spelling.with_currencies(venue.instruments(reply.body))
    except FeedError:
        return None
    if listed:
        _keep(Kept(FORMAT, venue.name, _host(origin), time.time(), listed))
    return listed or None


def kept(venue: type[VenueFeed], origin: str) -> Kept | None:
    """The list that came within the last day, if there is one."""
    if is_loopback(origin):
        return None
    path = _path(venue.name, _host(origin))
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        found = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError, UnicodeError, ArithmeticError, RecursionError):
        return None
    if (found.format, found.venue, found.host) != (FORMAT, venue.name, _host(origin)):
        return None
    return found if found.instruments and 0 <= time.time() - found.at < DAY_SECONDS else None


def _keep(found: Kept) -> None:
    """Write it whole or not at all; a folder that cannot be written to costs the cache alone."""
    if is_loopback(f"//{found.host}"):
        return
    whole_file.write(_path(found.venue, found.host), msgspec.json.encode(found))


def _host(origin: str) -> str:
    """Host and port; never a name and a password."""
    return urlsplit(origin).netloc.rpartition("@")[2].lower()


def _path(venue: str, host: str) -> Path:
    from platformdirs import user_cache_path  # late, as only a market needs it

    name = re.sub(r"[^a-z0-9.-]", "_", f"{venue}-{host}")
    return user_cache_path("obtui") / "instruments" / f"{name}.json"
