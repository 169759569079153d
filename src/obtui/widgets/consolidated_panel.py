"""The ladder of several venues: each level with the marks of those that hold it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from rich.segment import Segment

from obtui import figures, metrics
from obtui.consolidated import Consolidated, VenueLevel
from obtui.ladder import rows
from obtui.market import Level
from obtui.widgets.bar import bar_of
from obtui.widgets.lines import LineWidget

ABSENT = "·"


class ConsolidatedPanel(LineWidget):
    """Asks above, the best bid and offer across venues between, bids below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ladder--ask",
        "ladder--bid",
        "ladder--ask-bar",
        "ladder--bid-bar",
        "ladder--figure",
        "ladder--quiet",
        "ladder--spread",
        "ladder--warning",
    }

    combined: Consolidated = Consolidated("", (), 0, (), ())
    """What is painted; the view is the shown market's, for decimals and the quote currency."""
    places: int = 0
    """Decimals that show the prices of every member exactly."""

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """Members on top, then rows that fill the height; asks sit on the spread."""
        combined = self.combined
        head = self._members(width)
        height = max(0, height - len(head))
        ask_rows, bid_rows = rows.split(height)
        asks, bids = combined.asks[:ask_rows], combined.bids[:bid_rows]
        widths = self._widths([*asks, *bids])
        deepest = max((level.cumulative for level in (*asks[-1:], *bids[-1:])), default=Decimal(1))
        gap: list[list[Segment]] = [[] for _ in range(ask_rows - len(asks))]
        above = [self._row(level, widths, "ask", width, deepest) for level in reversed(asks)]
        below = [self._row(level, widths, "bid", width, deepest) for level in bids]
        return [*head, *gap, *above, self._middle(width), *below]

    def _members(self, width: int) -> list[list[Segment]]:
        """Which mark is whose; who is left out, and why."""
        combined = self.combined
        words = [
            f"{mark} {member.venue}" + (f" ({member.left_out})" if member.left_out else "")
            for mark, member in zip(marks(combined), combined.members, strict=True)
        ]
        if combined.others:
            words.append(f"{combined.others} of other assets not in")
        text = figures.fit("  ".join([f"{combined.asset}:", *words]), width)
        return [[Segment(text, self.part("ladder--quiet"))]]

    def _widths(self, levels: list[VenueLevel]) -> tuple[int, int, int, int]:
        """Cells of price, size and cumulative size, and decimals of a size."""
        most = min(metrics.decimals(level.size for level in levels), 8)
        price = max((len(figures.price(level.price, self.places)) for level in levels), default=8)
        size = max((len(figures.size(level.size, most)) for level in levels), default=6)
        total = max((len(figures.size(level.cumulative, 3)) for level in levels), default=6)
        return price, size + size % 2, total + total % 2, most

    def _row(
        self,
        level: VenueLevel,
        widths: tuple[int, int, int, int],
        side: str,
        width: int,
        deepest: Decimal,
    ) -> list[Segment]:
        price, size, total, places = widths
        sign = "+" if side == "bid" else "-"
        text = figures.fit(f"{sign} {figures.price(level.price, self.places):>{price}}", width)
        line = [Segment(text, self.part(f"ladder--{side}"))]
        left = width - len(text)
        held = "".join(
            mark if has else ABSENT
            for mark, has in zip(marks(self.combined), level.sizes, strict=True)
        )
        for part, name in (
            (f"  {figures.size(level.size, places):>{size}}", "figure"),
            (f"  {held}", side),
            (f"  {figures.size(level.cumulative, 3):>{total}}", "quiet"),
        ):
            # What does not fit whole is left out: a number cut short would be another number.
            if len(part) > left:
                break
            line.append(Segment(part, self.part(f"ladder--{name}")))
            left -= len(part)
        else:
            if left > 5:
                quiet = self.part("ladder--quiet")
                line.append(Segment("  ", quiet))
                filled = self.part(f"ladder--{side}-bar")
                line += bar_of(float(level.cumulative / deepest), left - 3, filled, quiet)
        return line

    def _marks_of(self, level: VenueLevel) -> str:
        held = zip(marks(self.combined), level.sizes, strict=True)
        return "".join(mark for mark, size in held if size)

    def _middle(self, width: int) -> list[Segment]:
        combined = self.combined
        if not combined.bids or not combined.asks:
            side = "no bids" if combined.asks else "no asks" if combined.bids else "no live book"
            text = f"{side} on any venue"
            return [Segment(figures.fit(text, width).center(width), self.part("ladder--warning"))]
        bid, ask = combined.bids[0], combined.asks[0]
        distance = figures.amount(abs(ask.price - bid.price), self.places)
        quote = self.view.instrument.quote
        sides = f"{combined.venues(bid)} bid, {combined.venues(ask)} offer"
        # Whose they are is the more important the narrower it is: names give way to marks.
        if width < len(sides) + 50:
            sides = f"{self._marks_of(bid)} bid, {self._marks_of(ask)} offer"
        if combined.crossed:
            text = f"CROSSED BETWEEN VENUES by {distance} {quote} · {sides}"
            return [Segment(figures.fit(text, width).center(width), self.part("ladder--warning"))]
        spread = metrics.spread_bps(Level(bid.price, bid.size), Level(ask.price, ask.size))
        text = f"best spread {distance} {quote} · {figures.bps(spread)} bps · {sides}"
        return [Segment(figures.fit(text, width).center(width), self.part("ladder--spread"))]


def marks(combined: Consolidated) -> list[str]:
    """One letter for each member: its venue's first that no other before it has."""
    taken: list[str] = []
    for member in combined.members:
        letters = [*member.venue.upper(), *"123456789"]
        taken.append(next((letter for letter in letters if letter not in taken), "?"))
    return taken
