"""A terminal that is not read costs no message, and shows the present when it is read again."""

from __future__ import annotations

import itertools
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from signals_support import BAR_SECONDS, SPEED
from support.wait import eventually
from terminal_support import Terminal, Touch, assert_closed_whole, book_lines, simulated, terminal

TOUCH = re.compile(r"\b(ask|bid) +(\d[\d.]*) × (\d[\d.]*)")


def touch_of(line: dict[str, Any]) -> Touch:
    (bid, bid_size), (ask, ask_size) = line["bids"][0], line["asks"][0]
    return bid, bid_size, ask, ask_size


def touch_on(running: Terminal) -> Touch | None:
    """Best bid and ask as the figures beside the ladder tell them."""
    found = {word: (Decimal(p), Decimal(s)) for word, p, s in TOUCH.findall(running.text)}
    if len(found) < 2:
        return None
    return *found["bid"], *found["ask"]


def unread_for(folder: Path, seconds: float) -> None:
    """A viewer whose terminal is not read, beside a recorder without a screen."""
    theirs, ours = folder / "theirs.jsonl", folder / "ours.jsonl"
    with (
        simulated(SPEED) as url,
        terminal(["record", "BTCUSD", f"--url={url}", f"--record={theirs}"], folder),
    ):
        eventually(lambda: bool(book_lines(theirs)), "the recorder has a book", 20)
        viewer = folder / "viewer"
        viewer.mkdir()
        # Large and frequent frames: what is painted unread would take long to read.
        arguments = ["BTCUSD", f"--url={url}", f"--record={ours}", "--fps=60"]
        with terminal(arguments, viewer, size=(160, 50)) as running:
            running.wait_for("VERIFIED")
            running.fill()
            began = time.time()
            time.sleep(seconds)  # time must pass: it is what is tested
            # Read again: the screen must soon show what the market is now.
            resumed = time.monotonic()
            resumed_wall = time.time()
            already = len(running.raw)
            seen: list[tuple[int, Touch]] = []
            looked = 0.0
            while time.monotonic() - resumed < BAR_SECONDS:
                running.read(0.01)
                if time.monotonic() - looked > 0.04:
                    looked = time.monotonic()
                    touch = touch_on(running)
                    if touch is not None:
                        seen.append((len(running.raw) - already, touch))
            running.send("q")
            assert running.wait_for_exit() == 0
        eventually(lambda: len(book_lines(theirs)) >= len(book_lines(ours)), "as many lines", 20)

    lines = assert_closed_whole(ours)[:-1]
    others = [line for line in book_lines(theirs) if line["bids"]]
    fresh = {touch_of(line) for line in lines if line["ts"] >= int(resumed_wall * 1000)}
    shown = [size for size, touch in seen if touch in fresh]
    assert shown, "the present book within the bar"
    # No frame that was due meanwhile comes first: only what the terminal had room for.
    assert shown[0] < 300_000

    # Not one message was lost, nor came late: both have the same books at the same times.
    def sides(line: dict[str, Any]) -> tuple[object, object]:
        return line["bids"], line["asks"]

    count = len(lines)
    starts = [
        start
        for start in range(len(others) - count + 1)
        if all(sides(a) == sides(b) for a, b in zip(lines, others[start:], strict=False))
    ]
    assert len(starts) == 1, "the recorder without a screen has the same lines"
    pairs = list(zip(lines, others[starts[0] :], strict=False))
    assert max(abs(a["ts"] - b["ts"]) for a, b in pairs) < 1000
    during = [int(line["ts"]) for line in lines if line["ts"] / 1000 >= began]
    assert len(during) > 5 * seconds
    assert max(b - a for a, b in itertools.pairwise(during)) < 1000


def test_an_unread_terminal_costs_no_message_and_then_shows_the_present(tmp_path: Path) -> None:
    unread_for(tmp_path, 2.0)


@pytest.mark.soak
def test_half_a_minute_unread_costs_no_message_and_then_shows_the_present(tmp_path: Path) -> None:
    unread_for(tmp_path, 30.0)
