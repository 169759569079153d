"""Books of every shape from a seed."""

from __future__ import annotations

import random
from decimal import Decimal

from obtui.book import OrderBook
from obtui.market import BookSnapshot
from support.books import Levels
from support.captures import books_of_current, books_of_v1, incoming

SHAPES = ("empty", "no asks", "no bids", "one each", "locked", "thin", "plain", "wide", "odd")
TICKS = [Decimal(text) for text in ("0.01", "0.5", "1", "0.00000001", "0.025")]


def random_book(chance: random.Random, shape: str, tick: Decimal | None = None) -> OrderBook:
    """A book of that shape; in an `odd` one prices are finer than the tick."""
    tick = tick or chance.choice(TICKS)
    count = {"empty": 0, "one each": 1, "thin": 4}.get(shape, 120)
    middle = chance.randrange(5_000, 9_000_000)
    gap = chance.randrange(200, 900) if shape == "wide" else chance.randrange(1, 4)
    sides = []
    for sign, index in ((-1, middle), (1, middle + (0 if shape == "locked" else gap))):
        levels = []
        at = index
        for _ in range(count):
            price = at * tick
            if shape == "odd" and chance.random() < 0.3:
                price += sign * tick / 4
            if price > 0:
                levels.append((price, Decimal(chance.randrange(1, 10**9)).scaleb(-8)))
            at += sign * chance.choice([1, 1, 1, 2, 3, 9, 40])
        sides.append(levels)
    if shape == "no bids":
        sides[0] = []
    if shape == "no asks":
        sides[1] = []
    book = OrderBook()
    book.apply_snapshot(BookSnapshot(bids=sides[0], asks=sides[1]))
    return book


def deep_book(chance: random.Random, levels: int = 23_000) -> OrderBook:
    """As many levels a side as the largest venues have, to the cent."""
    bids = chance.sample(range(1, 6_100_000), levels)
    asks = chance.sample(range(6_100_000, 20_000_000), levels)
    sides = [
        [
            (Decimal(cents).scaleb(-2), Decimal(chance.randrange(1, 10**9)).scaleb(-8))
            for cents in it
        ]
        for it in (bids, asks)
    ]
    book = OrderBook()
    book.apply_snapshot(BookSnapshot(bids=sides[0], asks=sides[1]))
    return book


def real_books(name: str) -> list[OrderBook]:
    """Some twenty books of a capture; skips the test where it is not there."""
    frames = incoming(name)
    if name.startswith("v1"):
        levels = books_of_v1(frames)
    else:
        symbol = "BTCUSD" if "btcusd" in name else "ETHUSD"
        levels = [book for _, book in books_of_current(frames, symbol)]
    return [book_from(it) for it in levels[:: max(1, len(levels) // 20)]]


def book_from(levels: Levels) -> OrderBook:
    """The same levels as the program keeps them."""
    book = OrderBook()
    bids, asks = (list(side.items()) for side in levels)
    book.apply_snapshot(BookSnapshot(bids=bids, asks=asks))
    return book
