from __future__ import annotations

from obtui.simulator.arbitrage import COST, trade_between
from obtui.simulator.clock import SystemClock
from obtui.simulator.flow import Reason
from obtui.simulator.listing import Change, Listing, Listings, Stream
from obtui.simulator.markets import LISTED

STEP = 0.1


class Kept(Stream):
    """Keeps what happened."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def take(self, changes: object) -> None:
        self.changes += changes  # type: ignore[arg-type]


def listings_of(*venues: str) -> tuple[list[Listing], list[Kept]]:
    kept = [Kept() for _ in venues]
    found = []
    for nth, (venue, stream) in enumerate(zip(venues, kept, strict=True)):
        listings = Listings(
            LISTED[venue],
            lambda _, stream=stream: {"all": stream},  # type: ignore[misc]
            seed=nth,
            speed=1.0,
            clock=SystemClock(),
        )
        listing = listings.find(next(iter(LISTED[venue])))
        assert listing is not None
        found.append(listing)
    return found, kept


def live(listings: list[Listing], seconds: float, *, trading: bool) -> list[int]:
    """How far the best bid of one was above the best ask of another after each step."""
    crossed = []
    for nth in range(round(seconds / STEP)):
        for listing in listings:
            listing.advance(STEP)
        if trading:
            trade_between(listings)
        for listing in listings:
            listing.tell(nth * STEP)
        bid = max(listing.flow.bids.best for listing in listings)
        crossed.append(bid - min(listing.flow.asks.best for listing in listings))
    return crossed


def test_it_keeps_venues_together_that_part_without_it() -> None:
    venues = "gemini", "kraken"

    apart = live(listings_of(*venues)[0], 60, trading=False)
    listings, kept = listings_of(*venues)
    together = live(listings, 60, trading=True)

    worth = COST * listings[0].flow.asks.best
    assert max(apart) > 5 * worth
    # A single level of each may be too little, but never for long.
    assert max(together) <= worth
    for listing, stream in zip(listings, kept, strict=True):
        listing.flow.bids.check()
        listing.flow.asks.check()
        trades = [it for it in stream.changes if it.event.reason is Reason.TRADE]
        assert all(it.trade_id for it in trades)
        assert [it.update_id for it in stream.changes] == sorted(
            {it.update_id for it in stream.changes}
        )
        assert listing.last_id == stream.changes[-1].update_id


def test_a_venue_alone_and_other_markets_are_left_as_they_are() -> None:
    (alone,), (kept,) = listings_of("gemini")
    (other,), (untouched,) = listings_of("gemini")
    live([alone], 20, trading=True)
    live([other], 20, trading=False)

    assert [it.event for it in kept.changes] == [it.event for it in untouched.changes]
