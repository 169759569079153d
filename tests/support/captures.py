"""Real captures, read where they lie beside the project, and what must come out of them.

The books here are computed from the files alone, by no code of the program.
"""

from __future__ import annotations

import copy
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from support.books import Levels, set_level

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def incoming(name: str, venue: str = "gemini") -> list[str]:
    """The venue's frames of a capture in their order; skips the test where it is not there."""
    path = DATA / venue / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [record["data"] for record in records if record["dir"] == "in"]


def books_of_current(frames: list[str], symbol: str) -> list[tuple[int, Levels]]:
    """The last id and the whole book after each depth frame of a symbol."""
    book: Levels = ({}, {})
    books = []
    for frame in map(json.loads, frames):
        if frame.get("e") == "depthUpdate" and frame["s"] == symbol:
            for sizes, key in zip(book, "ba", strict=True):
                for price, size in frame[key]:
                    set_level(sizes, price, size)
            books.append((frame["u"], copy.deepcopy(book)))
    return books


def books_of_v1(frames: list[str]) -> list[Levels]:
    """The whole book after each frame that changes it."""
    book: Levels = ({}, {})
    books = []
    for frame in map(json.loads, frames):
        changes = [event for event in frame.get("events", ()) if event["type"] == "change"]
        for event in changes:
            sizes = book[0] if event["side"] == "bid" else book[1]
            set_level(sizes, event["price"], event["remaining"])
        if changes:
            books.append(copy.deepcopy(book))
    return books


def tickers(frames: list[str], symbol: str) -> list[dict[str, Any]]:
    """The bookTicker frames of a symbol."""
    messages = map(json.loads, frames)
    return [frame for frame in messages if "B" in frame and frame["s"] == symbol]


def top_of(book: Levels) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Best bid and its size, best ask and its size."""
    bids, asks = book
    bid, ask = max(bids), min(asks)
    return bid, bids[bid], ask, asks[ask]
