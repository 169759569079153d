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

    # A member is equal to itself alone; enum's own hash is a Python function, and levels are looked
    # up by side many times a frame.
    __hash__ = object.__hash__


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
    status: str = ""
    """Whether it is traded, in the venue's own word; empty where it is not known."""
    contract: str = ""
    """What is traded, where it is not the base currency itself: `perpetual`, ..."""
    guessed: bool = False
    """Whether symbol and currencies were made by a table of known currencies, because the venue's
    own list could not be asked."""


class BookSnapshot(msgspec.Struct, frozen=True, gc=False):
    """A whole book: replaces everything that was there before it."""

    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    ts_event: int | None = None
    """The venue's own time, ns since the epoch; None where it sent none; never filled from ours."""
    update_id: int | None = None
    """The venue's id of the last change in it, where its best bid and offer bear the same ids."""
    checksum: int | None = None
    """The venue's checksum of the book as it is after this, where it sends one."""


class BookDelta(msgspec.Struct, frozen=True, gc=False):
    """Changed levels with their new absolute sizes; size 0 removes the level."""

    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    ts_event: int | None = None
    update_id: int | None = None
    checksum: int | None = None
    depth: int | None = None
    """Levels a side that the venue keeps: what is beyond them after this is forgotten, unsaid."""


class TopOfBook(msgspec.Struct, frozen=True, gc=False):
    """The venue's own best bid and offer as of an update id; None for an empty side."""

    bid: Level | None
    ask: Level | None
    update_id: int


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One execution."""

    price: Decimal
    size: Decimal
    aggressor: Aggressor
    ts_event: int | None = None
    trade_id: int | str | None = None
    history: bool = False
    """Whether it was told afterwards: it happened before the venue began to tell of trades."""


class Heartbeat(msgspec.Struct, frozen=True, gc=False):
    """The venue said that it is alive, and nothing else."""


class Day(msgspec.Struct, frozen=True):
    """What a market did over a time: prices in quote, volume in base currency; None: not known."""

    last: Decimal | None = None
    change: Decimal | None = None
    """Last price less that of the beginning."""
    high: Decimal | None = None
    low: Decimal | None = None
    volume: Decimal | None = None
    bought: Decimal | None = None
    """Of the volume, what aggressive buyers took."""
    sold: Decimal | None = None
    """Of the volume, what aggressive sellers hit; the rest is auctions and the like."""


Event = BookSnapshot | BookDelta | TopOfBook | Trade | Heartbeat
"""What a decoder makes of a frame."""
