"""Alerts on random markets, against what an oracle says that knows all looks and keeps no state."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import pytest

from obtui.alerts import NEAR, Alerts, parse
from obtui.latch import REST_SECONDS
from obtui.market import Aggressor, BookState, Instrument, Level, Trade
from obtui.tape import Tape
from obtui.view import MarketView

SECOND = 1_000_000_000
Sizes = dict[Decimal, Decimal]


class Look(NamedTuple):
    """What is known of a random market at one look, beside its view."""

    seconds: float
    live: bool
    bids: Sizes
    asks: Sizes
    new: list[Trade]


def random_looks(chance: random.Random, count: int) -> list[tuple[Look, MarketView]]:
    """A market that walks about 100 with a spread, walls, empty sides, prints and lost books."""
    cents, seconds, live = 10000, 5.0, chance.random() < 0.5
    looks: list[tuple[Look, MarketView]] = []
    tape = Tape()
    for _ in range(count):
        cents += chance.choice((-9, -4, -1, 0, 1, 4, 9)) + (10000 - cents) // 40
        seconds += chance.choice((0.05, 0.05, 0.5, 1.25))
        if chance.random() < 0.08:
            live = not live
        width = chance.choice((0, 1, 1, 2, 8))

        def side(start: int, step: int) -> Sizes:
            depth = chance.choice((0, 1, 3, 15, 15, 15, 15))
            sizes = [chance.choice(("1", "2.5", "9.99", "10", "10.01")) for _ in range(depth)]
            # Large ones are rare near the touch.
            sizes = [
                size if chance.random() < 0.05 or at > 11 else "1" for at, size in enumerate(sizes)
            ]
            return {
                Decimal(start + at * step).scaleb(-2): Decimal(size)
                for at, size in enumerate(sizes)
            }

        bids, asks = side(cents, -1), side(cents + width, 1)
        new = [
            Trade(
                Decimal(cents + chance.randrange(-12, 13)).scaleb(-2),
                Decimal(chance.choice(("0.1", "3", "10", "11"))),
                chance.choice(list(Aggressor)),
                history=chance.random() < 0.2,
            )
            for _ in range(chance.choice((0, 0, 0, 0, 1, 3)))
        ]
        tape.add(new, 0)
        view = MarketView(
            venue="gemini",
            instrument=Instrument("BTCUSD"),
            state=BookState.VERIFIED
            if live
            else chance.choice((BookState.STALE, BookState.CROSSED)),
            bids=tuple(Level(*it) for it in sorted(bids.items(), reverse=True)),
            asks=tuple(Level(*it) for it in sorted(asks.items())),
            extremes=tape.take_extremes(),
            monotonic_ns=round(seconds * SECOND),
        )
        heard = [trade for trade in new if not trade.history] if looks else []
        looks.append((Look(seconds, live, bids, asks, heard), view))
    return looks


def holds(text: str, look: Look, part: str) -> bool | None:
    """Whether it holds at this look, worked out from what the market was made of; None: unknown."""
    kind, sign, number = text.split()[:3]
    limit = Decimal(number)

    def beyond(value: Decimal) -> bool:
        return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[
            sign
        ]

    if kind == "price":
        touch = sorted(look.bids)[-1:] if ">" in sign else sorted(look.asks)[:1]
        if not touch:
            return None
        return any(map(beyond, [*touch, *(trade.price for trade in look.new)]))
    if kind == "spread":
        if not look.bids or not look.asks:
            return None
        bid, ask = max(look.bids), min(look.asks)
        return beyond((ask - bid) * 20_000 / (ask + bid))
    if part == "print":
        return any(beyond(trade.size) for trade in look.new)
    near = [look.bids[price] for price in sorted(look.bids)[-NEAR:]]
    near += [look.asks[price] for price in sorted(look.asks)[:NEAR]]
    return any(map(beyond, near))


def rested(looks: Sequence[Look]) -> bool:
    """Whether these, in all of which it did not hold, are rest enough."""
    return bool(looks) and looks[-1].seconds - looks[0].seconds >= REST_SECONDS - 1e-9


def naive(text: str, looks: Sequence[Look], part: str = "") -> list[int]:
    """At which looks it is told, each worked out from all looks before it."""
    looked = [(at, look, holds(text, look, part)) for at, look in enumerate(looks) if look.live]
    trusted = [it for it in looked if it[2] is not None]
    told = []
    for place, (at, _, now) in enumerate(trusted):
        before = trusted[:place]
        held = [earlier for earlier, (_, _, then) in enumerate(before) if then]
        if not now or (text.startswith("price") and not before):
            continue
        if not held or rested([look for _, look, _ in before[held[-1] + 1 :]]):
            told.append(at)
    return told


def naive_state(looks: Sequence[Look]) -> list[int]:
    told = []
    first = next((at for at, look in enumerate(looks) if look.live), len(looks))
    for at in range(first + 1, len(looks)):
        lost = [earlier for earlier in range(first, at) if not looks[earlier].live]
        since = looks[lost[-1] + 1 : at] if lost else []
        if not looks[at].live:
            if not lost or rested(since):
                told.append(at)
        elif lost and not rested(since) and rested([*since, looks[at]]):
            told.append(at)
    return told


RULES = [
    "price > 100.05",
    "price >= 100.10",
    "price < 99.95",
    "price <= 99.90",
    "spread > 1 bps",
    "spread >= 8 bps",
    "size > 10",
    "size >= 10",
    "state",
]


@pytest.mark.parametrize("seed", range(6))
def test_in_a_random_market_each_is_told_when_all_that_was_before_says_so(seed: int) -> None:
    print(f"seed {seed}")
    looks = random_looks(random.Random(seed), 400)
    watching = Alerts(map(parse, RULES))

    told: dict[str, list[int]] = {rule: [] for rule in RULES}
    for at, (_, view) in enumerate(looks):
        for line in watching.check(view):
            _, rule, why = line.split(" · ", 2)
            told[rule].append(at)
            assert view.live or rule == "state", line
            assert why

    known = [look for look, _ in looks]
    for rule in RULES[:6]:
        assert told[rule] == naive(rule, known), rule
    for rule in RULES[6:8]:
        both = naive(rule, known, "level") + naive(rule, known, "print")
        assert told[rule] == sorted(both), rule
    assert told["state"] == naive_state(known)
    assert all(told[rule] for rule in RULES if rule != "spread >= 8 bps")
