"""Gemini's wire: the frames of its current websocket API.

Structs are the protocol; functions fill them from the flow's ticks and lots and return the bytes
to send. Source: Gemini's AsyncAPI specification 0.10.7, and captures that others published. It
knows no connection and no clock: ids and time are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from obtui.market import Side
from obtui.simulator.faults import HIGHEST_BID
from obtui.simulator.flow import BookEvent
from obtui.simulator.listing import Best, Change
from obtui.simulator.markets import MarketParameters

WireLevels = list[tuple[str, str]]

INVALID_PARAMETERS = -1013
UNKNOWN_METHOD = -1020

_encode = msgspec.json.Encoder().encode


class Request(msgspec.Struct):
    """What a client of the current API asks."""

    method: str
    """In capitals or not."""
    id: int | str | None = None
    params: msgspec.Raw = msgspec.Raw(b"[]")
    """An array of stream names; its form is checked apart, for it has an error of its own."""


class DepthUpdate(msgspec.Struct):
    """A snapshot (`first` equals `last`), or the changes since the frame that ended at `first`."""

    e: str
    event_ns: int = msgspec.field(name="E")
    """Nanoseconds since the epoch."""
    s: str
    """Symbol, in small letters."""
    first: int = msgspec.field(name="U")
    last: int = msgspec.field(name="u")
    bids: WireLevels = msgspec.field(name="b")
    asks: WireLevels = msgspec.field(name="a")


class TradeUpdate(msgspec.Struct):
    """One trade; the only data frame without a key that names it."""

    event_ns: int = msgspec.field(name="E")
    s: str
    t: int
    p: str
    q: str
    buyer_is_maker: bool = msgspec.field(name="m")


class BookTicker(msgspec.Struct, omit_defaults=True):
    """The best level of each side; the last trade is left out until there is one."""

    u: int
    event_ns: int = msgspec.field(name="E")
    s: str
    bid: str = msgspec.field(name="b")
    bid_size: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_size: str = msgspec.field(name="A")
    last_price: str = msgspec.field(name="c", default="")
    last_size: str = msgspec.field(name="C", default="")


class ErrorBody(msgspec.Struct):
    """What was wrong with a request."""

    code: int
    msg: str


class Reply(msgspec.Struct, omit_defaults=True):
    """The answer to a request, bearing its id."""

    id: int | str | None
    status: int
    result: dict[str, int] | list[str] | None = None
    error: ErrorBody | None = None


def wire_levels(market: MarketParameters, levels: Iterable[tuple[int, int]]) -> WireLevels:
    """Levels as the current API writes them: prices padded to the tick."""
    price_text, size_text = market.price_text, market.size_text
    return [(price_text(price), size_text(lots)) for price, lots in levels]


def depth_update(
    market: MarketParameters,
    event_ns: int,
    ids: tuple[int, int],
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
) -> bytes:
    """A `depthUpdate` frame; ids are (U, u), equal for a snapshot."""
    return _encode(
        DepthUpdate(
            "depthUpdate",
            event_ns,
            market.symbol.lower(),
            *ids,
            wire_levels(market, bids),
            wire_levels(market, asks),
        )
    )


def crossed(frame: bytes) -> bytes:
    """The same `depthUpdate` with a bid above every ask."""
    update = msgspec.json.decode(frame, type=DepthUpdate)
    update.bids.append((HIGHEST_BID, "1"))
    return _encode(update)


def trade_update(market: MarketParameters, trades: Sequence[Change]) -> bytes:
    """A trade's frame, made from the change of the maker's level."""
    (trade,) = trades
    event = trade.event
    return _encode(
        TradeUpdate(
            trade.time_ns,
            market.symbol.lower(),
            trade.trade_id,
            market.price_text(event.price),
            market.size_text(-event.delta),
            event.side is Side.BID,
        )
    )


def book_ticker(
    market: MarketParameters,
    event_ns: int,
    update_id: int,
    best: Best,
    last_trade: BookEvent | None,
) -> bytes:
    """A `bookTicker` frame; `best` is the best bid and the best ask."""
    (bid, ask) = wire_levels(market, best)
    last = ("", "")
    if last_trade is not None:
        last = market.price_text(last_trade.price), market.size_text(-last_trade.delta)
    return _encode(BookTicker(update_id, event_ns, market.symbol.lower(), *bid, *ask, *last))


def acknowledgement(
    request_id: int | str | None, result: dict[str, int] | list[str] | None = None
) -> bytes:
    """The answer to a request that succeeded, a ping included."""
    return _encode(Reply(request_id, 200, result))


def refusal(request_id: int | str | None, code: int, message: str) -> bytes:
    """The answer to a request that failed."""
    return _encode(Reply(request_id, 400, error=ErrorBody(code, message)))
