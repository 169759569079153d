"""The venues that the exchange simulates, one or two files each. This registry alone knows them
all; what each lists is `markets.LISTED`."""

from __future__ import annotations

from obtui.simulator.protocols.base import Venue
from obtui.simulator.protocols.binance import Binance
from obtui.simulator.protocols.coinbase import Coinbase
from obtui.simulator.protocols.gemini import Gemini
from obtui.simulator.protocols.kraken import Kraken

VENUES: dict[str, type[Venue]] = {
    "gemini": Gemini,
    "kraken": Kraken,
    "coinbase": Coinbase,
    "binance": Binance,
}
"""By their names in `markets.LISTED`; where two share an address, the first is the one that
answers what neither understands."""
