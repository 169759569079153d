"""A market that is told how it stands, and asked what its alerts have to say."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from obtui.alerts import Alerts, parse
from obtui.market import Aggressor, BookState, Instrument, Level, Trade
from obtui.tape import Tape
from obtui.view import MarketView

SECOND = 1_000_000_000


def pairs(levels: Sequence[tuple[str, str]]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), Decimal(size)) for price, size in levels)


class Told:
    """A market that is told how it stands, and asked what it has to say."""

    def __init__(self, *texts: str) -> None:
        self.alerts = Alerts([parse(text) for text in texts])
        self.second = 0.0
        self.view = MarketView(
            venue="gemini",
            house="gemini",
            instrument=Instrument("BTCUSD", "BTC", "USD"),
            state=BookState.VERIFIED,
            reason="",
            price_decimals=2,
        )

    def look(
        self,
        bid: str | None = None,
        ask: str | None = None,
        *prints: tuple[str, str],
        after: float = 0.1,
        become: dict[str, object] | None = None,
    ) -> list[str]:
        """`bid` and `ask` with a size of 1; prints are bought, the last is the newest."""
        self.second += after
        tape = Tape()
        bought = Aggressor.BUYER
        tape.add([Trade(Decimal(price), Decimal(size), bought) for price, size in prints], 0)
        was = self.view
        changes: dict[str, object] = {
            "bids": pairs([(bid, "1")]) if bid else (),
            "asks": pairs([(ask, "1")]) if ask else (),
            "monotonic_ns": round(self.second * SECOND),
            "extremes": tape.take_extremes(),
        }
        self.view = msgspec.structs.replace(was, **{**changes, **(become or {})})
        return self.alerts.check(self.view)
