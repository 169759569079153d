"""The ladder's lines: exact levels at every size, and grey where they are not to be trusted."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from textual.geometry import Region

from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.stats_panel import StatsPanel
from screen_support import (
    EXTREMES,
    FedMarket,
    as_shown,
    each_size,
    lines,
    plain_book,
    rows,
    shown,
    styles,
)
from support import wire
from support.wire import Pairs


def below_names(texts: list[str]) -> list[str]:
    """The lines without that of the columns' names, which only a tall ladder has."""
    named = texts[0].split()[:2] == ["price", "size"]
    assert named == (len(texts) >= 16)
    return texts[named:]


def random_side(chance: random.Random, count: int, *, bids: bool) -> list[tuple[str, str]]:
    """Levels, best first, prices to the cent and sizes to eight places."""
    price = Decimal("61000.00")
    levels = []
    for _ in range(count):
        price += Decimal(chance.randrange(1, 900)).scaleb(-2) * (-1 if bids else 1)
        levels.append((str(price), str(Decimal(chance.randrange(1, 10**10)).scaleb(-8))))
    return [(price, f"{Decimal(size):f}") for price, size in levels]


async def test_the_ladder_fills_every_height_with_exact_levels() -> None:
    chance = random.Random(5)
    bids = random_side(chance, 100, bids=True)
    asks = random_side(chance, 100, bids=False)
    fed = FedMarket()
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app) as pilot:
        async for size in each_size(pilot):
            texts = lines(app, LadderPanel)

            # One line each for top, status and keys; the rest is the ladder's.
            assert len(texts) == size[1] - 3
            texts = below_names(texts)
            asks_shown = (len(texts) - 1) // 2
            bids_shown = len(texts) - 1 - asks_shown
            assert "spread" in texts[asks_shown]
            expected = [("-", *level) for level in reversed(asks[:asks_shown])]
            expected += [("+", *level) for level in bids[:bids_shown]]
            places = 8 if app.query_one(LadderPanel).size.width >= 60 else 4
            found = [row[:3] for row in rows(texts)]
            assert found == [(sign, price, seen(held, places)) for sign, price, held in expected]


def seen(size: str, places: int) -> str:
    """A size as the ladder writes it."""
    text = as_shown(Decimal(size), places)
    return text if Decimal(text) else f"<{Decimal(1).scaleb(-places):f}"


async def test_cumulative_sizes_run_away_from_the_spread() -> None:
    bids, asks = plain_book(100)
    fed = FedMarket()
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            found = rows(lines(app, LadderPanel))

            for sign, levels, side in (("-", asks, found[::-1]), ("+", bids, found)):
                sums = [row[3] for row in side if row[0] == sign]
                assert sums
                total = Decimal()
                for (_, size), shown_sum in zip(levels, sums, strict=False):
                    total += Decimal(size)
                    assert shown_sum == as_shown(total, 3)


async def test_an_empty_side_is_named() -> None:
    bid, ask = [("99", "1")], [("101", "1")]
    sides: list[tuple[Pairs, Pairs, str]] = [
        (bid, [], "no asks"),
        ([], ask, "no bids"),
        ([], [], "the book is empty"),
    ]
    fed = FedMarket()
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, EXTREMES):
            for bids, asks, word in sides:
                fed.book(bids, asks)
                app.refresh_now()
                texts = lines(app, LadderPanel)
                if bids or asks:
                    texts = below_names(texts)
                stats = lines(app, StatsPanel)

                assert texts[(len(texts) - 1) // 2].strip() == word
                assert len(rows(texts)) == len(bids) + len(asks)
                assert ["mid", "-"] in [text.split()[:2] for text in stats]


async def test_few_asks_sit_on_the_spread() -> None:
    fed = FedMarket()
    fed.book([("99", "1")], [("101", "1"), ("102", "1")])
    app = fed.app()

    async with shown(app, (80, 24)):
        texts = below_names(lines(app, LadderPanel))

    middle = (len(texts) - 1) // 2
    assert texts[middle - 2].split()[:2] == ["-", "102"]
    assert texts[middle - 1].split()[:2] == ["-", "101"]
    assert texts[middle + 1].split()[:2] == ["+", "99"]
    assert not "".join(texts[: middle - 2] + texts[middle + 2 :]).strip()


async def test_a_book_that_is_not_trusted_is_grey_and_says_why() -> None:
    fed = FedMarket()
    fed.book(*plain_book(20))
    fed.gap()
    app = fed.app()

    async with shown(app, (120, 40)):
        panel = app.query_one(LadderPanel)
        texts = lines(app, LadderPanel)
        middle = 1 + (len(texts) - 2) // 2
        grey = panel.get_component_rich_style("ladder--stale")
        painted = [styles(panel, y) for y in range(len(texts)) if y != middle]
        top, status = lines(app, TopBar)[0], lines(app, StatusLine)[0]

    assert all(style == {grey} for style in painted)
    assert texts[middle].strip().startswith("SYNCING · gap in update ids: 1000 is followed by 1004")
    assert " SYNCING  gap in update ids: 1000 is followed by 1004" in top
    assert status.rstrip().startswith(" not recording · r records")
    assert status.rstrip().endswith("resynced once")


async def test_a_trusted_book_is_not_grey() -> None:
    fed = FedMarket()
    fed.book(*plain_book(20))
    app = fed.app()

    async with shown(app):
        panel = app.query_one(LadderPanel)
        grey = panel.get_component_rich_style("ladder--stale")
        painted = set().union(*(styles(panel, y) for y in range(panel.size.height)))

    assert grey not in painted


async def test_a_price_that_does_not_fit_says_that_it_is_cut() -> None:
    fed = FedMarket()
    fed.book([], [("0.000000000000123456789012345678", "1")])
    app = fed.app()

    async with shown(app, (60, 16)):
        texts = lines(app, LadderPanel)

    line = next(text for text in texts if text.startswith("-"))
    assert line.rstrip() == "- 0.000000000000123456789012345…"


async def test_a_line_that_did_not_change_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fed = FedMarket()
    bids, asks = plain_book(30)
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app, (80, 24)) as pilot:
        panel = app.query_one(LadderPanel)
        height = panel.size.height
        dirty: list[Region] = []
        monkeypatch.setattr(panel, "refresh", lambda *regions, **_: dirty.extend(regions))
        before = lines(app, LadderPanel)
        # The size of the third bid grows, so that from there on the sums do, too.
        fed.change(bids=[(bids[2][0], "1.5")])
        app.refresh_now()
        await pilot.pause()
        after = lines(app, LadderPanel)

        changed = [y for y in range(height) if before[y] != after[y]]
        assert {region.y for region in dirty} >= set(changed)
        middle = 1 + (height - 2) // 2
        assert all(region.height == 1 for region in dirty)
        assert min(changed) == middle + 3
        # Bars of the other side may move with the scale; the best two bids cannot change.
        assert middle not in {region.y for region in dirty}

        dirty.clear()
        fed.text(wire.ack())
        app.refresh_now()

        assert dirty == []
