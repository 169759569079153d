"""Alerts and trust: what is told of its loss, and that nothing is of a book without it."""

from __future__ import annotations

import pytest

from alerts_support import Told, pairs
from obtui.latch import REST_SECONDS
from obtui.market import BookState


def test_trust_that_is_lost_is_told_and_when_it_is_back() -> None:
    told = Told("state")
    lost: dict[str, object] = {"state": BookState.SYNCING, "reason": "gap: expected 7"}
    again: dict[str, object] = {"state": BookState.VERIFIED, "reason": ""}

    assert told.look(become=lost) == []  # there was no trust yet
    assert told.look(become=again) == []
    assert told.look(become=lost) == [
        "gemini BTCUSD · state · the book is no longer trusted: SYNCING · gap: expected 7"
    ]
    assert told.look(after=60) == []
    assert told.look(become=again) == []
    assert told.look(become=lost) == []  # it came and went
    assert told.look(become=again) == []
    assert told.look(after=REST_SECONDS) == [
        "gemini BTCUSD · state · the book is trusted again: VERIFIED"
    ]
    assert told.look(after=60) == []
    assert told.look(become={"state": BookState.STALE}) == [
        "gemini BTCUSD · state · the book is no longer trusted: STALE"
    ]


@pytest.mark.parametrize("state", [state for state in BookState if not state.trusted])
def test_a_book_that_is_not_trusted_tells_nothing_and_teaches_nothing(state: BookState) -> None:
    told = Told("price > 65000", "spread > 5 bps", "size > 10")
    assert told.look("64990", "64991") == []

    # Wide, large, beyond: and all of it of a book that may be wrong.
    wrong: dict[str, object] = {
        "bids": pairs([("70000", "99")]),
        "asks": pairs([("80000", "99")]),
        "state": state,
    }
    assert told.look(None, None, ("70000", "99"), become=wrong) == []
    assert told.look(after=60, become=wrong) == []

    back: dict[str, object] = {"state": BookState.VERIFIED}
    assert told.look("64990", "64991", become=back) == []
    assert told.look("65010", "65011") != []


def test_trust_that_was_lost_and_came_back_between_two_looks_is_told() -> None:
    told = Told("state")
    words = "gemini BTCUSD · state · the book was not trusted for a moment: SYNCING · gap: 7"
    loss = "SYNCING · gap: 7"
    assert told.look(become={"losses": 2}) == []  # before the first look

    assert told.look(become={"losses": 3, "loss": loss}) == [words]
    assert told.look(after=REST_SECONDS - 0.1) == []
    assert told.look(become={"losses": 5}) == []  # it trembles, and its rest begins anew
    assert told.look(after=REST_SECONDS - 0.1) == []
    assert told.look() == ["gemini BTCUSD · state · the book is trusted again: VERIFIED"]
    assert told.look(become={"losses": 6}) == [words]


def test_trust_that_came_and_went_before_it_was_seen_is_told() -> None:
    waiting: dict[str, object] = {"state": BookState.SYNCING, "reason": "a gap"}
    for become in (waiting, {"loss": "SYNCING · a gap"}):
        told = Told("state")
        assert told.look(become=waiting) == []
        live: dict[str, object] = {"state": BookState.VERIFIED, "reason": ""}

        assert len(told.look(become={**live, "losses": 1, **become})) == 1
