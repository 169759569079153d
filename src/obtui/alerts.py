"""Alerts: what the user wants to be told of, typed as text, and when it is so.

    price > 65000       the best bid, or a print, is above (`<`: the best ask, or a print, is below)
    spread > 5 bps      of the midpoint
    size > 10           a level among the best `NEAR` of a side, or a print, in base currency
    state               the book is no longer trusted, and when it is again

`>=` and `<=` include the number itself. In front may stand the market that is meant, else it is
every one that is watched: `gemini:BTCUSD price > 65000`, `BTCUSD price > 65000`.

**Once.** What holds is told once, and again only after not holding for `latch.REST_SECONDS`:
a market that trembles about a price, or a quote that is pulled and put back, rings one bell. A
`price` is crossed only by a market that was seen on the other side: one that starts beyond it is
told when it comes back and goes through. The others are told also where they hold from the start.

**Never of a book that is not trusted.** While it is not, nothing but `state` is told, nothing is
learned, and the prints of that time are passed over. Nor is anything learned of a price whose side
is empty, or of the spread of one side.

What traded and went back between two looks, and a book that was lost and is trusted again, are seen
too, however much happened in between. What a seek in a recording passes over is not: with it all
begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

import msgspec

from obtui import figures, metrics, typed
from obtui.latch import Latch, Moved
from obtui.market import Aggressor, Level, Trade
from obtui.spelling import letters
from obtui.tape import Extremes
from obtui.text import printable
from obtui.view import MarketView

NEAR = 10
"""Best levels of a side that count as near the touch: a view for alerts must hold as many."""
FORMS = "price > 65000, price < 60000, spread > 5 bps, size > 10 or state"
TAKERS = {Aggressor.BUYER: "bought", Aggressor.SELLER: "sold", Aggressor.NONE: "traded"}

_MARKET = re.compile(r"(?:(?P<venue>[\w.-]+):)?(?P<symbol>[\w./-]+)")
_COMPARED = re.compile(r"\s*(?P<sign>[<>]=?)\s*(?P<number>.*?)\s*(?P<unit>bps)?\s*", re.IGNORECASE)
_KINDS = ("price", "spread", "size", "state")


class AlertError(ValueError):
    """What was typed is no alert; one line says why, and what may be written."""


class Alert(msgspec.Struct, frozen=True):
    """One thing to be told of."""

    kind: str
    """`price`, `spread`, `size` or `state`."""
    above: bool = True
    """Whether it is told of what is more than `limit`, else less."""
    inclusive: bool = False
    """Whether `limit` itself is enough."""
    limit: Decimal = Decimal()
    """Quote currency, basis points or base currency, by kind; > 0, of `state` 0."""
    venue: str = ""
    """The one that is meant; empty: every one."""
    symbol: str = ""

    def __str__(self) -> str:
        """As it may be typed."""
        market = f"{self.venue}:{self.symbol} " if self.venue else self.symbol and f"{self.symbol} "
        return f"{market}{self.rule}"

    @property
    def rule(self) -> str:
        """Without the market."""
        if self.kind == "state":
            return self.kind
        sign = (">" if self.above else "<") + ("=" if self.inclusive else "")
        return f"{self.kind} {sign} {self.limit:f}{' bps' if self.kind == 'spread' else ''}"

    def means(self, view: MarketView) -> bool:
        """Whether it is for this market, however its symbol is spelled."""
        if self.venue and self.venue.lower() not in {view.venue.lower(), view.house.lower()}:
            return False
        it = view.instrument
        return not self.symbol or letters(self.symbol) in {
            letters(it.symbol),
            letters(it.base + it.quote),
        }

    def beyond(self, value: Decimal) -> bool:
        """Whether it is told of this."""
        if self.inclusive and value == self.limit:
            return True
        return value > self.limit if self.above else value < self.limit


def parse(text: str) -> Alert:
    """Raises `AlertError`."""
    words = text.split(maxsplit=1)
    venue = symbol = ""
    kind, rest = _kind_of(text)
    if not kind and len(words) == 2 and (market := _MARKET.fullmatch(words[0])):
        kind, rest = _kind_of(words[1])
        venue, symbol = market["venue"] or "", market["symbol"]
    if not kind:
        raise _refused(text, "it names nothing to look at")
    if kind == "state":
        if rest.strip():
            raise _refused(text, f"after state nothing is expected, not {printable(rest.strip())}")
        return Alert(kind, venue=venue, symbol=symbol)
    compared = _COMPARED.fullmatch(rest)
    if compared is None:
        raise _refused(text, f"after {kind} comes > or <, then a number")
    above = compared["sign"][0] == ">"
    if kind != "price" and not above:
        raise _refused(text, f"{kind} is told of what is more, with >")
    if compared["unit"] and kind != "spread":
        raise _refused(text, f"{kind} is not told in bps")
    try:
        limit = typed.positive(compared["number"])
    except ValueError as error:
        raise _refused(text, str(error)) from None
    return Alert(kind, above, compared["sign"].endswith("="), limit, venue, symbol)


def _kind_of(text: str) -> tuple[str, str]:
    """What it looks at, and what follows; nothing where it begins with no such word."""
    words = re.fullmatch(r"\s*([A-Za-z]+)(?![\w:./-])(.*)", text, re.DOTALL)
    kind = words[1].lower() if words else ""
    return (kind, words[2]) if words and kind in _KINDS else ("", "")


def _refused(text: str, why: str) -> AlertError:
    shown = printable(figures.fit(text.strip(), 60))
    forms = f"write {FORMS}, after gemini:BTCUSD where it is for one market"
    return AlertError(f"no alert: '{shown}': {why}; {forms}")


class Alerts:
    """All of them, for all markets; who shows a market asks at each look."""

    def __init__(self, alerts: Iterable[Alert]) -> None:
        self._alerts = tuple(alerts)
        self._markets: dict[tuple[str, str], _Watch] = {}

    def check(self, view: MarketView) -> list[str]:
        """What is to be told now, a printable line each. The view must hold `NEAR` levels a side,
        and the extremes of what traded since the last look."""
        if not self._alerts:
            return []
        key = _key(view)
        watch = self._markets.get(key)
        extremes = view.extremes
        if watch is None or view.moment != watch.moment:
            # In another moment of a recording, what was told may be yet to come.
            watch = self._markets[key] = _Watch(view)
            extremes = None
        lost = watch.lost(view)
        told = []
        for number, alert in enumerate(self._alerts):
            if alert.means(view):
                words = watch.look(number, alert, view, extremes, lost=lost)
                name = f"{view.venue} {view.instrument.symbol}".strip()
                told += [printable(f"{name} · {alert.rule} · {why}") for why in words]
        return told

    def leave(self, view: MarketView) -> None:
        """This market is looked at no more: if it is again, it is a new one."""
        self._markets.pop(_key(view), None)


def _key(view: MarketView) -> tuple[str, str]:
    return view.venue, letters(view.instrument.symbol)


class _Watch:
    """What is known of one market."""

    def __init__(self, view: MarketView) -> None:
        self.moment = view.moment
        self._losses = view.losses
        self._latches: dict[tuple[int, str], Latch] = {}

    def lost(self, view: MarketView) -> bool:
        """Whether trust was lost since the last look; to be asked once a look."""
        before, self._losses = self._losses, view.losses
        return view.losses > before

    def look(
        self, number: int, alert: Alert, view: MarketView, extremes: Extremes | None, *, lost: bool
    ) -> list[str]:
        """The reasons for which the alert is told now."""
        if alert.kind == "state":
            return self._state(number, view, lost=lost)
        if not view.live:
            return []
        told = []
        for part, reason in _SEEN[alert.kind](alert, view, extremes):
            latch = self._latches.get((number, part))
            if latch is None:
                latch = Latch(already=alert.kind == "price" and bool(reason))
                self._latches[number, part] = latch
            if latch.look(bool(reason), view.monotonic_ns) is Moved.SET:
                told.append(reason)
        return told

    def _state(self, number: int, view: MarketView, *, lost: bool) -> list[str]:
        latch = self._latches.get((number, ""))
        if latch is None:
            if not (view.live or lost):
                return []  # before its first book there is no trust to be lost
            latch = self._latches[number, ""] = Latch()
        if lost and view.live:
            moved = latch.look(True, view.monotonic_ns)
            latch.look(False, view.monotonic_ns)  # its rest begins
            passed = moved is Moved.SET
            return [f"the book was not trusted for a moment: {view.loss}"] if passed else []
        moved = latch.look(not view.live, view.monotonic_ns)
        if moved is None:
            return []
        if moved is Moved.CLEARED:
            return [f"the book is trusted again: {view.state.value}"]
        why = f"{view.state.value} · {view.reason}" if view.reason else view.state.value
        return [f"the book is no longer trusted: {why}"]


_Found = list[tuple[str, str]]
"""Each part of an alert of which something is known, and the reason for which it holds now, or
nothing."""


def _price(alert: Alert, view: MarketView, extremes: Extremes | None) -> _Found:
    levels = view.bids if alert.above else view.asks
    if not levels:
        return []
    best = levels[0].price
    if alert.beyond(best):
        side = "bid" if alert.above else "ask"
        return [("", f"{side} {figures.price(best, view.price_decimals)}")]
    if extremes is not None:
        trade = extremes.highest if alert.above else extremes.lowest
        if alert.beyond(trade.price):
            return [("", _traded(trade, view))]
    return [("", "")]


def _spread(alert: Alert, view: MarketView, _extremes: Extremes | None) -> _Found:
    if not (view.bids and view.asks):
        return []
    bid, ask = view.bids[0], view.asks[0]
    bps = metrics.spread(bid, ask) / metrics.midpoint(bid, ask) * 10_000
    return [("", f"it is {figures.bps(bps)} bps" if alert.beyond(bps) else "")]


def _size(alert: Alert, view: MarketView, extremes: Extremes | None) -> _Found:
    near = [("bid", level) for level in view.bids[:NEAR]]
    near += [("ask", level) for level in view.asks[:NEAR]]
    largest = max(near, key=lambda it: it[1].size, default=None)
    resting = ""
    if largest is not None and alert.beyond(largest[1].size):
        resting = _resting(*largest, view)
    trade = None if extremes is None else extremes.largest
    taken = "" if trade is None or not alert.beyond(trade.size) else _traded(trade, view)
    return [("resting", resting), ("traded", taken)]


def _resting(side: str, level: Level, view: MarketView) -> str:
    price = figures.price(level.price, view.price_decimals)
    return f"{side} {price} × {figures.amount(level.size, 8)}"


def _traded(trade: Trade, view: MarketView) -> str:
    places = max(view.price_decimals, metrics.decimals([trade.price]))
    price = figures.price(trade.price, places)
    return f"{TAKERS[trade.aggressor]} {figures.amount(trade.size, 8)} at {price}"


_SEEN: dict[str, Callable[[Alert, MarketView, Extremes | None], _Found]] = {
    "price": _price,
    "spread": _spread,
    "size": _size,
}
