"""Where limit orders are put, how large they are and how long they stay: the model's laws.

Distances are told as a stretch: 1 at the opposite best, 2 at one scale from it. Arrivals fall as
`stretch ** -ARRIVAL_EXPONENT` and lifetimes grow as `stretch ** LIFETIME_EXPONENT`, so the book
that rests is their product. It knows no time and no book: the opposite best is handed in.
"""

from __future__ import annotations

import math
from random import Random

from obtui.market import Side
from obtui.simulator.markets import MarketParameters, Quantiles
from obtui.simulator.queues import Order

ARRIVAL_EXPONENT = 3.5
"""How fast arrivals fall with distance: rate ~ (1 + distance/scale) ** -ARRIVAL_EXPONENT."""
LIFETIME_EXPONENT = ARRIVAL_EXPONENT - 0.115
"""How fast patience grows with distance. Their difference is the slope of the resting book."""
FLICKER_SHARE = 0.33
"""Share of limit orders that are withdrawn almost at once."""
FLICKER_SECONDS = 0.03
HIGHEST_ASK = 16.0
"""No ask rests above this many anchors (on the real venue: 1,000,000 USD at 60,708)."""
LONGEST_LIFE = 1e7


class Placement:
    """The laws of one market, with the chance that they are thrown with."""

    def __init__(self, parameters: MarketParameters, rng: Random) -> None:
        self._rng = rng
        tick = 10.0**parameters.price_decimals
        lots = 10**parameters.size_decimals
        self.anchor = parameters.anchor * tick
        """In ticks."""
        self._scale = parameters.scale * tick
        self._shyness = parameters.shyness * tick
        arrivals = parameters.limit_rate * (1 - FLICKER_SHARE) * (ARRIVAL_EXPONENT - 1)
        self._patience = parameters.density * parameters.scale / arrivals
        self._near_sizes = _size_table(parameters.near_sizes, lots)
        self._bid_sizes = _size_table(parameters.bid_sizes, lots)
        self._ask_sizes = _size_table(parameters.ask_sizes, lots)
        self._trade_sizes = _size_table(parameters.trade_sizes, lots)
        # The resting book's density, and what of it lies between the touch and price zero.
        self._power = 1 / (1 - (ARRIVAL_EXPONENT - LIFETIME_EXPONENT))
        self._reach = (1 + self.anchor / self._scale) ** (1 / self._power)
        expected = parameters.density * parameters.scale * self._power * (self._reach - 1)
        self.resting = int(expected)
        """How many orders rest on a side, before those that no one would put are taken out."""

    def arriving_stretch(self) -> float:
        """How far from the opposite best a new order comes."""
        return math.pow(1.0 - self._rng.random(), -1 / (ARRIVAL_EXPONENT - 1))

    def resting_stretch(self) -> float:
        """How far from the opposite best an order rests, when one looks at any moment."""
        return math.pow(1 + self._rng.random() * (self._reach - 1), self._power)

    def lifetime(self, stretch: float) -> float:
        """Seconds that an order, not of the flickering kind, waits before it is withdrawn."""
        mean = min(LONGEST_LIFE, self._patience * stretch**LIFETIME_EXPONENT)
        return self._rng.expovariate(1 / mean)

    def new_lifetime(self, stretch: float) -> float:
        """The same for a new order, which may be of the flickering kind."""
        if self._rng.random() < FLICKER_SHARE:
            return self._rng.expovariate(1 / FLICKER_SECONDS)
        return self.lifetime(stretch)

    def market_lots(self) -> int:
        """The size of a market order, in lots."""
        return self._jitter(self._trade_sizes[int(self._rng.random() * len(self._trade_sizes))])

    def order(self, side: Side, stretch: float, reference: int) -> Order | None:
        """An order at (stretch - 1) scales from `reference`; None where no one would put it."""
        rng = self._rng
        away = self._scale * (stretch - 1)
        if away < self._shyness and rng.random() * self._shyness > away:
            return None
        # Fewer orders the nearer the price comes to zero; and asks lie as bids do, seen in a
        # mirror of the price's logarithm: as far up in ratio as the bid is down.
        if rng.random() * reference >= reference - away:
            return None
        if side is Side.ASK:
            if rng.random() > 0.55 + 0.45 / (1 + away / (6 * self._scale)):
                return None
            away = reference * away / (reference - away)
        price = self._round(side, reference, max(1, int(away)))
        if price < 1 or price > HIGHEST_ASK * self.anchor:
            return None
        return Order(side, price, self._lots(side, stretch, price / reference))

    def _round(self, side: Side, reference: int, away: int) -> int:
        """People like round prices, the rounder the farther; away from the touch, never over it."""
        price = reference - away if side is Side.BID else reference + away
        taste = self._rng.random()
        digits = len(str(away))
        if taste < 0.5 and digits > 3:
            step = 10 ** (digits - (2 if taste < 0.15 else 3))
            price = price // step * step if side is Side.BID else -(-price // step) * step
        return price

    def _lots(self, side: Side, stretch: float, ratio: float) -> int:
        rng = self._rng
        share = rng.random()
        if stretch < 3:
            table = self._near_sizes
        else:
            table = self._bid_sizes if side is Side.BID else self._ask_sizes
            # The huge orders lie where they cost little or ask for much.
            huge = (ratio < 0.4 or ratio > 2.5) and rng.random() < 0.27
            share = 0.96 + 0.04 * share if huge else 0.96 * share
        return self._jitter(table[int(share * len(table))])

    def _jitter(self, lots: int) -> int:
        """Half of all sizes are round, to two digits or one; the others use every decimal."""
        taste = self._rng.random()
        if taste < 0.5:
            return max(1, int(lots * (0.96 + 0.16 * taste)))
        step = int(10 ** max(0, len(str(lots)) - (2 if taste < 0.8 else 1)))
        return max(1, lots // step * step)


def _size_table(quantiles: Quantiles, lots: int, steps: int = 1024) -> list[int]:
    """Sizes in lots at evenly spread shares; between two points the logarithm is a line."""
    table = []
    index = 0
    for step in range(steps):
        share = (step + 0.5) / steps
        while quantiles[index + 1][0] < share:
            index += 1
        (left, low), (right, high) = quantiles[index], quantiles[index + 1]
        part = (share - left) / (right - left)
        table.append(max(1, round(lots * low * math.exp(part * math.log(high / low)))))
    return table
