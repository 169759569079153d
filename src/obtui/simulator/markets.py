"""The markets that the simulated exchange lists, and the figures their order flow is made with.

The figures were fitted by eye to half a minute of each real market (Gemini, 2021-04-17); how near
the model comes is told and measured in `flow`. Data only: no chance, no time, no wire.
"""

from __future__ import annotations

import msgspec

Quantiles = tuple[tuple[float, float], ...]
"""Points of a distribution: (share of the whole in [0, 1], size in base currency), ascending."""


class MarketParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What is traded, and the parameters of its flow. Prices in quote, sizes in base currency."""

    symbol: str
    base: str
    quote: str
    price_decimals: int
    """The price tick is 10 ** -price_decimals."""
    size_decimals: int
    """The lot, the smallest step of a size, is 10 ** -size_decimals."""
    anchor: float
    """The price that the flow starts at and leans back to."""
    scale: float
    """Distance from the opposite best at which arrivals begin to fall as a power law."""
    shyness: float
    """Distance from the opposite best below which arrivals thin out, to none at the best."""
    limit_rate: float
    """Limit orders each second on each side."""
    market_rate: float
    """Market orders each second, both sides together."""
    pull_rate: float
    """Times each second that all that rests at a best price is withdrawn, both sides together."""
    density: float
    """Orders resting near the touch for one unit of price, on each side."""
    near_sizes: Quantiles
    """Sizes of orders near the touch."""
    bid_sizes: Quantiles
    """Sizes of orders deep in the bids."""
    ask_sizes: Quantiles
    """Sizes of orders deep in the asks."""
    trade_sizes: Quantiles
    """Sizes of market orders."""

    def price_text(self, ticks: int) -> str:
        """A price padded to the tick, as Gemini's current protocol writes it."""
        return padded(ticks, self.price_decimals)

    def size_text(self, lots: int) -> str:
        """A size without trailing zeros; `0` for none; a minus sign for a loss."""
        sign = "-" if lots < 0 else ""
        return sign + unpadded(padded(abs(lots), self.size_decimals))


def padded(units: int, decimals: int) -> str:
    """So many times 10 ** -decimals, with all its decimals."""
    whole, part = divmod(units, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"


def unpadded(text: str) -> str:
    """A decimal text without trailing zeros, as Gemini v1 and Kraken write prices."""
    return text.rstrip("0").rstrip(".")


BTCUSD = MarketParameters(
    symbol="BTCUSD",
    base="BTC",
    quote="USD",
    price_decimals=2,
    size_decimals=8,
    anchor=61_000.0,
    scale=75.0,
    shyness=9.0,
    limit_rate=25.0,
    market_rate=0.35,
    pull_rate=0.5,
    density=0.36,
    near_sizes=(
        (0.0, 0.0008),
        (0.05, 0.0141),
        (0.2, 0.0162),
        (0.4, 0.02),
        (0.55, 0.02776),
        (0.75, 0.2),
        (0.95, 1.1),
        (1.0, 2.5),
    ),
    bid_sizes=(
        (0.0, 1e-5),
        (0.05, 4e-5),
        (0.25, 0.0011),
        (0.5, 0.014),
        (0.75, 0.1),
        (0.95, 2.5),
        (0.99, 100.0),
        (1.0, 400.0),
    ),
    ask_sizes=(
        (0.0, 1e-5),
        (0.05, 5e-5),
        (0.25, 0.0002),
        (0.5, 0.006),
        (0.75, 0.1),
        (0.95, 1.7),
        (0.99, 16.5),
        (1.0, 60.0),
    ),
    trade_sizes=((0.0, 0.0003), (0.25, 0.006), (0.5, 0.02), (0.75, 0.1), (0.95, 0.6), (1.0, 4.0)),
)

ETHUSD = MarketParameters(
    symbol="ETHUSD",
    base="ETH",
    quote="USD",
    price_decimals=2,
    size_decimals=6,
    anchor=2_400.0,
    scale=5.0,
    shyness=0.9,
    limit_rate=25.0,
    market_rate=0.4,
    pull_rate=0.5,
    density=4.4,
    near_sizes=(
        (0.0, 0.01),
        (0.05, 0.2),
        (0.25, 3.0),
        (0.5, 5.28),
        (0.75, 8.44),
        (0.95, 16.0),
        (1.0, 70.0),
    ),
    bid_sizes=(
        (0.0, 0.0002),
        (0.05, 0.0014),
        (0.25, 0.0067),
        (0.5, 0.18),
        (0.75, 2.0),
        (0.95, 33.6),
        (0.99, 1100.0),
        (1.0, 3000.0),
    ),
    ask_sizes=(
        (0.0, 0.0002),
        (0.05, 0.0013),
        (0.25, 0.0063),
        (0.5, 0.3),
        (0.75, 1.05),
        (0.95, 35.7),
        (0.99, 221.0),
        (1.0, 900.0),
    ),
    trade_sizes=((0.0, 0.001), (0.25, 0.005), (0.5, 0.025), (0.75, 0.3), (0.95, 8.0), (1.0, 60.0)),
)

MARKETS = (BTCUSD, ETHUSD)


def _listed(spelling: str, quote: str = "USD") -> dict[str, MarketParameters]:
    """The markets against `quote`, spelt with `{base}` and `{quote}`."""
    return {
        (symbol := spelling.format(base=market.base, quote=quote)): msgspec.structs.replace(
            market, symbol=symbol, quote=quote
        )
        for market in MARKETS
    }


LISTED = {
    "gemini": _listed("{base}{quote}"),
    "kraken": _listed("{base}/{quote}"),
    "coinbase": _listed("{base}-{quote}"),
    "binance": _listed("{base}{quote}", quote="USDT"),
}
"""What each simulated venue lists, by its spelling."""

PROTOCOLS = {venue: venue for venue in LISTED} | {"gemini-v1": "gemini", "binance-us": "binance"}
"""By what `--venue` takes: the simulated venue that speaks this protocol."""

BOOK_OVER_REST = {name for name, venue in PROTOCOLS.items() if venue == "binance"}
"""Those of them that give the whole book over REST alone."""


def listed(protocol: str) -> dict[str, MarketParameters]:
    """What the venue that speaks `protocol` lists; nothing where none does."""
    return LISTED.get(PROTOCOLS.get(protocol, ""), {})


def first(protocol: str) -> str:
    """The market that is meant where none is named."""
    return next(iter(listed(protocol)), BTCUSD.symbol)


def find(protocol: str, symbol: str) -> MarketParameters | None:
    """A market that the venue lists, whatever the symbol's case and separators are."""
    return next((it for it in listed(protocol).values() if _bare(it.symbol) == _bare(symbol)), None)


def _bare(symbol: str) -> str:
    return "".join(filter(str.isalnum, symbol)).upper()
