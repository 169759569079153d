"""A long recording takes no more memory than a short one."""

from __future__ import annotations

import os
import random
import tracemalloc
from collections.abc import Iterator

import pytest
from export_doubles import connect, fill, header

from obtui.export.base import Shape
from obtui.export.formats import FORMATS
from obtui.feeds import FEEDS
from obtui.frame import Frame
from support import frames, wire


def market(count: int) -> Iterator[Frame]:
    """So many messages on a book of 200 levels, made one at a time."""
    chance = random.Random(11)
    bids = [(f"{99 - price / 100:.2f}", "1") for price in range(100)]
    asks = [(f"{101 + price / 100:.2f}", "1") for price in range(100)]
    yield header()
    yield connect()
    yield frames.text(wire.depth(1, bids, asks), 0.5)
    for number in range(1, count):
        price, _ = chance.choice(bids)
        size = f"{chance.randrange(1, 10**8) / 10**8:.8f}"
        yield frames.text(wire.depth(number + 1, [(price, size)], after=number), number * 1e-3)


def peak(name: str, count: int) -> int:
    with open(os.devnull, "wb") as out:
        exporter = FORMATS[name].make(FEEDS["gemini"]("BTCUSD"), out, Shape(depth=5))
        tracemalloc.start()
        try:
            fill(exporter, market(count))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def check_flat(name: str, count: int) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    peak(name, 10)  # what is imported and cached once

    # Parquet keeps a batch of rows, so that both must have filled one.
    short, long = peak(name, 9_000), peak(name, count)

    assert long < short + 2_000_000, f"{short} bytes became {long}"


@pytest.mark.parametrize("name", FORMATS)
def test_memory_is_flat(name: str) -> None:
    check_flat(name, 20_000)


@pytest.mark.soak
@pytest.mark.parametrize("name", FORMATS)
def test_memory_is_flat_over_many_messages(name: str) -> None:
    check_flat(name, 200_000)
