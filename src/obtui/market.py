"""The field's words, as data: what every other module speaks in.

Prices and sizes are `Decimal`, made from the venue's own text, so that a price is what the venue
said and a sum is exact. Times are nanoseconds since the epoch. Nothing here computes, reads a
clock or knows a venue.
"""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import NamedTuple

import msgspec


class Side(enum.Enum):
    """The side of the book that a level rests on; never 'buy' or 'sell'."""

    BID = "bid"
    ASK = "ask"


class Aggressor(enum.Enum):
    """Who took liquidity in a trade; a venue's maker side is converted in its decoder."""

    BUYER = "buyer"
    SELLER = "seller"
    NONE = "none"
    """An auction or block trade: nobody crossed the spread."""


class BookState(enum.Enum):
    """How far the book may be trusted; the value is the word on screen."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    SYNCING = "SYNCING"
    STALE = "STALE"
    CROSSED = "CROSSED"
    OFFLINE = "OFFLINE"

    @property
    def trusted(self) -> bool:
        """Whether the book may be shown as live and recorded."""
        return self is BookState.VERIFIED or self is BookState.UNVERIFIED


class Level(NamedTuple):
    """A price, in quote currency, and the size resting there, in base currency (> 0)."""

    price: Decimal
    size: Decimal


class Instrument(msgspec.Struct, frozen=True):
    """What a venue trades, in the venue's terms."""

    symbol: str
    """As the venue spells it for people, e.g. `BTCUSD`."""
    base: str = ""
    quote: str = ""
    """Quote currency, e.g. `USD` (which is not `USDT`); empty where it is not known."""
    tick: Decimal | None = None
    """Smallest price step; None where the venue did not say: then it is inferred from the book."""


class BookSnapshot(msgspec.Struct, frozen=True, gc=False):
    """A whole book: replaces everything that was there before it."""

    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    ts_event: int | None = None
    """The venue's own time, ns since the epoch; None where it sent none; never filled from ours."""


class BookDelta(msgspec.Struct, frozen=True, gc=False):
    """Changed levels with their new absolute sizes; size 0 removes the level."""

    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    ts_event: int | None = None


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One execution."""

    price: Decimal
    size: Decimal
    aggressor: Aggressor
    ts_event: int | None = None
    trade_id: int | str | None = None


class Heartbeat(msgspec.Struct, frozen=True, gc=False):
    """The venue said that it is alive, and nothing else."""


Event = BookSnapshot | BookDelta | Trade | Heartbeat
"""What a decoder makes of a frame."""
