"""Lists that are asked for in threads: once each, and nobody has to wait."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Sequence

import pytest

from obtui.market import Instrument
from obtui.opening.market_lists import Lists
from obtui.seams import Unavailable


class Venues:
    """Answers as it is told."""

    def __init__(self, answer: Callable[[str], Sequence[Instrument]]) -> None:
        self._answer = answer
        self.asked: list[str] = []

    def venues(self) -> Sequence[str]:
        return ["gemini", "kraken"]

    def symbols(self, venue: str) -> Sequence[Instrument]:
        self.asked.append(venue)
        return self._answer(venue)


def one(venue: str) -> Sequence[Instrument]:
    return [Instrument(f"{venue}-BTCUSD")]


def names(lists: Lists, venue: str) -> list[str]:
    return [it.instrument.symbol for it in lists.listed(venue) or ()]


async def test_each_is_asked_once_whoever_waits() -> None:
    venues = Venues(one)
    lists = Lists(venues)
    before = lists.listed("gemini")

    await asyncio.gather(*(lists.ask(venue) for venue in ("gemini", "kraken", "gemini")))
    await lists.ask("gemini")

    assert before is None
    assert sorted(venues.asked) == ["gemini", "kraken"]
    assert names(lists, "kraken") == ["kraken-BTCUSD"]
    assert lists.venues == ["gemini", "kraken"]


async def test_the_loop_goes_on_meanwhile_and_one_who_leaves_takes_no_other_with_him() -> None:
    answered = threading.Event()

    def slow(venue: str) -> Sequence[Instrument]:
        assert answered.wait(10)
        return one(venue)

    lists = Lists(Venues(slow))
    first, second = (asyncio.create_task(lists.ask("gemini")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    waits = not second.done()
    answered.set()
    await second

    assert first.cancelled()
    assert waits
    assert names(lists, "gemini") == ["gemini-BTCUSD"]


async def test_why_it_could_not_be_had_is_kept_until_it_is_asked_again() -> None:
    faults = ["no list came", ""]

    def answer(venue: str) -> Sequence[Instrument]:
        fault = faults.pop(0)
        if fault:
            raise Unavailable(fault)
        return one(venue)

    lists = Lists(Venues(answer))
    await lists.ask("gemini")
    told = lists.fault("gemini"), lists.listed("gemini"), lists.fault("kraken")
    lists.forget_faults()
    forgotten = lists.fault("gemini")
    await lists.ask("gemini")

    assert told == ("no list came", None, "")
    assert forgotten == lists.fault("gemini") == ""
    assert names(lists, "gemini") == ["gemini-BTCUSD"]


async def test_a_defect_in_asking_is_not_swallowed() -> None:
    def answer(venue: str) -> Sequence[Instrument]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Lists(Venues(answer)).ask("gemini")


def test_an_answer_that_comes_after_the_user_has_left_is_nobodys() -> None:
    left = threading.Event()

    def slow(venue: str) -> Sequence[Instrument]:
        assert left.wait(10)
        return one(venue)

    async def leave() -> None:
        asking = asyncio.create_task(Lists(Venues(slow)).ask("gemini"))
        await asyncio.sleep(0)
        asking.cancel()

    before = set(threading.enumerate())
    asyncio.run(leave())
    asking = [it for it in threading.enumerate() if it not in before and it.name == "asking"]
    left.set()

    assert len(asking) == 1
    asking[0].join(10)
    assert not asking[0].is_alive()
    gc.collect()  # where a failure nobody heard of would be told
