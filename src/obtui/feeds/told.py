"""What venues' replies and stamps have in common: JSON, names, steps, days and times, made safe."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from obtui.feeds.base import LARGEST, SMALLEST, UNDECODABLE, Malformed
from obtui.market import Day

Reply = TypeVar("Reply")


def rest_json(body: str | bytes, form: type[Reply]) -> Reply:
    """A REST reply as `form`; raises `Malformed`."""
    try:
        return msgspec.json.decode(body, type=form)
    except UNDECODABLE as error:
        raise Malformed(f"not the reply that was due: {error}") from error


CURRENCY = re.compile(r"[A-Z0-9]{1,12}")


def currency(text: str) -> str:
    """A currency's name, or nothing: what is shown must be a name, whatever the wire says."""
    name = text.upper()
    return name if CURRENCY.fullmatch(name) else ""


def step(value: Decimal | None) -> Decimal | None:
    """A tick that can be one, or None."""
    # Comparing with NaN raises, so finiteness is asked first.
    if value is None or not value.is_finite() or not SMALLEST <= value <= LARGEST:
        return None
    return value


def day_of(
    last: Decimal | None,
    before: Decimal | None,
    high: Decimal | None,
    low: Decimal | None,
    volume: Decimal | None = None,
) -> Day | None:
    """A day of what a venue says; `before` is the price at its beginning. None without a price."""
    last, before = step(last), step(before)
    if last is None:
        return None
    change = None if before is None else last - before
    return Day(last, change, step(high), step(low), step(volume))


def utc_ns(text: str) -> int | None:
    """An RFC 3339 time, up to nanoseconds, in ns since the epoch; None where it is none."""
    whole, _, rest = text.partition(".")
    fraction = rest.rstrip("Zz")
    try:
        moment = datetime.fromisoformat(whole.rstrip("Zz")).replace(tzinfo=UTC)
        nanoseconds = int(f"{fraction[:9]:0<9}") if fraction else 0
        seconds = int(moment.timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds * 1_000_000_000 + nanoseconds if seconds >= 0 else None
