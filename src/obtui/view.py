"""What the screen is given: one immutable picture of a market at one moment.

A widget paints this and nothing else. Ages are already computed: a widget reads no clock.
"""

from __future__ import annotations

import msgspec

from obtui.book import OrderBook
from obtui.charts.past import Sample
from obtui.log import LogLine
from obtui.market import BookState, Day, Instrument, Level
from obtui.tape import Extremes, Print
from obtui.traded import TradedVolume


class MarketView(msgspec.Struct, frozen=True):
    """A market at one moment. The default is a market of which nothing is known yet."""

    venue: str = ""
    house: str = ""
    """The venue whose market it is: one may have several protocols."""
    instrument: Instrument = Instrument(symbol="")
    version: int = 0
    """Grows with every frame; an equal version is an equal book."""
    state: BookState = BookState.SYNCING
    reason: str = "connecting"
    hint: str = ""
    """What the user may try, where there is something."""
    retry_seconds: float = 0.0
    """Until the next try, while offline."""
    trouble: str = ""
    """The last thing that went wrong, kept after it is mended."""
    resyncs: int = 0
    losses: int = 0
    """How often the book was no longer trusted, also if it was again before anybody looked."""
    loss: str = ""
    """State and reason of the last of these."""
    moment: int = 0
    """Changes when another moment of a recording is gone to."""
    check: str = ""
    """What a lost message is found by; empty where nothing finds it."""
    agreed: int = 0
    """How often the venue's own best bid and offer were the book's."""
    day: Day | None = None
    """What the venue says of the last 24 hours; None where it says nothing."""
    since_start: Day | None = None
    """What the trades since the start come to; None before the first."""
    since_ns: int = 0
    """Where trades are counted from a later time than the start, as after a seek: that time."""
    bids: tuple[Level, ...] = ()
    """Best first."""
    asks: tuple[Level, ...] = ()
    bid_levels: int = 0
    """Levels on the whole side, seen or not."""
    ask_levels: int = 0
    book: OrderBook | None = None
    """The whole depth, for those who look; it stands still. None where nobody asked for it."""
    limited: bool = False
    """Whether the venue tells only so many levels: beyond the last there may be more."""
    traded: TradedVolume | None = None
    """Volume at each price since the start; it stands still. None where there is no market yet."""
    past: tuple[Sample, ...] = ()
    """How the market stood, once a second, oldest first."""
    log: tuple[LogLine, ...] = ()
    """What befell it, newest first."""
    received_ns: int = 0
    """Wall-clock time of the last frame; 0 before the first."""
    monotonic_ns: int = 0
    """When this picture was taken: what fades and moves takes its time from here."""
    price_decimals: int = 0
    """Places that show every price exactly."""
    prints: tuple[Print, ...] = ()
    """Newest first."""
    trades: int = 0
    """Since the start, and the history that was told with them."""
    heard: int = 0
    """Of these, those that are no history."""
    extremes: Extremes | None = None
    """Of the trades since the last picture in which they were asked for; None: nothing traded."""
    messages: int = 0
    rates: tuple[int, ...] = ()
    """Messages in each of the last whole seconds, oldest first."""
    age_seconds: float | None = None
    """Since the last frame of this connection; None before the first."""
    lag_ms: float | None = None
    """Our receive time less the venue's time of the last event: the clocks' offset is in it."""

    @property
    def live(self) -> bool:
        """Whether the levels may be shown as the market's."""
        return self.state.trusted
