"""Last price, change, high, low and volume: of 24 hours where the venue tells them, or since the
start or a later time, and it says which."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from rich.segment import Segment

from obtui import figures, metrics
from obtui.widgets.lines import LineWidget


class DayLine(LineWidget):
    """One line; what does not fit is left out from the right, whole figures at a time."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "day--label",
        "day--figure",
        "day--up",
        "day--down",
    }
    DEFAULT_CSS = "DayLine { height: 1; }"

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """The line."""
        line: list[Segment] = []
        left = width
        for label, text, part in self._figures():
            # Label and figure belong together: one without the other would be misread.
            needed = len(label) + len(text) + 3
            if needed > left:
                break
            line.append(Segment(f" {label} ", self.part("day--label")))
            line.append(Segment(f"{text} ", self.part(f"day--{part}")))
            left -= needed
        return [line]

    def _figures(self) -> list[tuple[str, str, str]]:
        view = self.view
        told, since = view.day, view.since_start
        day = told or since
        if day is None or day.last is None:
            return []
        # Our own last trade is newer than a reply that is asked for once a minute.
        last = since.last if since is not None and since.last is not None else day.last
        change = None if day.change is None else last - (day.last - day.change)
        # And so it may be beyond the high or low that the reply told.
        high = None if day.high is None else max(day.high, last)
        low = None if day.low is None else min(day.low, last)
        # A trade may print between ticks of the book: no digit of it is rounded away.
        prices = [price for price in (last, change, high, low) if price is not None]
        places = max(view.price_decimals, metrics.decimals(prices))
        span = "24 h" if told is not None else figures.since(view.since_ns, "start")
        found = [("last", figures.price(last, places), "figure")]
        if change is not None:
            found.append((span, _change(change, last - change, places), _way(change)))
            span = ""
        for label, value in (("high", high), ("low", low)):
            if value is not None:
                found.append((f"{span} {label}".strip(), figures.price(value, places), "figure"))
                span = ""
        if day.volume is not None:
            volume = f"{figures.amount(day.volume, 2)} {view.instrument.base}".rstrip()
            found.append((f"{span} volume".strip(), volume, "figure"))
        return found


def _change(change: Decimal, before: Decimal, places: int) -> str:
    sign = "+" if change > 0 else "-" if change < 0 else ""
    percent = f" ({sign}{abs(float(change / before)):.2%})" if before else ""
    return f"{sign}{figures.price(abs(change), places)}{percent}"


def _way(change: Decimal) -> str:
    return "up" if change > 0 else "down" if change < 0 else "figure"
