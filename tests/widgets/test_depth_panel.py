"""The depth chart on screen."""

from __future__ import annotations

import random
from decimal import Decimal

import msgspec
import pytest

from chart_support import (
    KINDS,
    book_of,
    charted,
    looked,
    painted,
    random_book,
    real_book,
    texts,
    unmounted,
)
from obtui.figures import BLOCKS
from obtui.widgets.depth_panel import REST_NS, DepthPanel

EVEN = book_of(
    {100 - Decimal(n): Decimal(10) for n in range(1, 11)},
    {100 + Decimal(n): Decimal(5) for n in range(1, 11)},
)
"""10 at each of ten prices below 100, 5 at each above it."""


def lines(width: int, height: int, **told: object) -> list[str]:
    panel = unmounted(DepthPanel(id="depth"))
    for name, value in told.items():
        setattr(panel, name, value)
    return painted(panel, width, height)


def test_the_chart_rises_from_the_middle_to_both_sides() -> None:
    found = lines(25, 13, view=looked(EVEN, tick="1"))

    assert found[0] == " depth        mid 100.00 "
    assert found[1] == "bid 100            ask 50"
    # A column is 1 wide: 12 of them reach to 88 and to 112.
    assert found[-1] == "88   94    100   106  112"
    assert [line[12] for line in found[2:-1]] == ["│"] * 10


def test_its_heights_are_the_sums() -> None:
    panel = unmounted(DepthPanel(id="depth"))
    panel.glyphs = True
    panel.view = looked(EVEN, tick="1")
    found = painted(panel, 25, 13)[2:-1]

    columns = ["".join(line[at] for line in reversed(found)) for at in range(25)]
    filled = [
        sum("▒░".count(sign) * 8 + (BLOCKS.index(sign) if sign in BLOCKS else 0) for sign in it)
        for it in columns
    ]
    # 10 lines are 100: a line is 10, an eighth of one 1.25.
    bids = [80, 80, 80, *range(72, -1, -8)]
    assert filled[:12][::-1][:10] == [8 * n for n in range(1, 11)]
    assert filled[:3] == bids[:3]
    assert filled[13:23] == [4 * n for n in range(1, 11)]
    assert filled[23:] == [40, 40]
    assert {sign for it in columns[:12] for sign in it} & {"▒", "░"} == {"▒"}
    assert {sign for it in columns[13:] for sign in it} & {"▒", "░"} == {"░"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "empty"])
def test_every_height_of_any_book_is_the_sum(kind: str) -> None:
    panel = unmounted(DepthPanel(id="depth"))
    panel.glyphs = True
    book = random_book(random.Random(kind), kind)
    panel.view = looked(book)
    found = painted(panel, 61, 23)
    columns = len(found[2].split("│")[0])
    shown = ["".join(line[at] for line in found[2:-1]) for at in range(2 * columns + 1)]

    assert "█" not in "".join(shown)
    low, *_, high = (Decimal(it) for it in found[-1].split())
    step = (high - low) / (2 * columns)
    top = panel._scale._top
    for column in range(columns):
        bids = sum(
            (size for it, size in book.bids.sizes.items() if it >= low + column * step), Decimal()
        )
        asks = sum(
            (size for it, size in book.asks.sizes.items() if it <= high - column * step), Decimal()
        )
        for total, signs in ((bids, shown[column]), (asks, shown[-1 - column])):
            eighths = sum(8 if sign in "▒░" else BLOCKS.index(sign) for sign in signs)
            assert eighths == (max(1, round(total / top * 160)) if total else 0)


def test_a_real_book_has_its_sums_in_figures() -> None:
    book = real_book()
    found = lines(100, 30, view=looked(book))
    low, *_, high = (Decimal(it) for it in found[-1].split())

    bids = sum((size for it, size in book.bids.sizes.items() if it >= low), Decimal())
    asks = sum((size for it, size in book.asks.sizes.items() if it <= high), Decimal())
    assert found[1].split() == ["bid", f"{bids.normalize():f}", "ask", f"{asks.normalize():f}"]
    assert found[0].split() == ["depth", "mid", "60710.48"]


def test_where_known_depth_ends_it_says_so() -> None:
    found = lines(60, 13, view=looked(EVEN, tick="1", limited=True), glyphs=True)

    assert found[1].startswith("bid ≥100")
    assert found[1].rstrip().endswith("ask ≥50")
    assert "·" in found[-2]
    whole = lines(60, 13, view=looked(EVEN, tick="1"), glyphs=True)
    assert "≥" not in whole[1]
    assert "·" not in whole[-2]


def test_sizes_stand_beside_it_where_there_is_room() -> None:
    wide = lines(60, 24, view=looked(EVEN, tick="1"))
    beside = [line[-4:].strip() for line in wide[2:-1]]

    found = [it for it in beside if it.isdigit()]
    assert found == sorted(found, key=int, reverse=True)
    assert found[0] == "100"
    assert beside[0] == "100"
    narrow = lines(22, 24, view=looked(EVEN, tick="1"))
    assert not any(line[-3:].strip().isdigit() for line in narrow[2:-1])


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_any_size(kind: str) -> None:
    chance = random.Random(kind)
    for glyphs in (False, True):
        panel = unmounted(DepthPanel(id="depth"))
        panel.glyphs = glyphs
        for limited in (False, True):
            panel.view = looked(random_book(chance, kind), tick=None, limited=limited)
            for width in (0, 1, 2, 3, 5, 26, 60, 200):
                for height in (0, 1, 2, 3, 4, 20):
                    found = painted(panel, width, height)
                    assert len(found) <= max(1, height)
                    assert all(len(line) <= width for line in found)
                    assert all(line.isprintable() for line in found)


def test_without_a_book_it_says_so() -> None:
    assert lines(30, 5, view=looked(None))[1].strip() == "no book yet"
    assert lines(30, 5, view=looked(book_of({}, {})))[1].strip() == "the book is empty"


async def test_what_is_not_live_has_no_sides_colours() -> None:
    panel = DepthPanel(id="depth")
    async with charted(panel, (60, 16)):
        for live in (True, False):
            panel.show(looked(EVEN, live=live))
            styles = {segment.style for y in range(1, 16) for segment in panel.render_line(y)}
            grounds = {style.bgcolor for style in styles if style is not None}
            bars = {panel.part(f"depth--{side}-bar").bgcolor for side in ("bid", "ask")}
            assert bars <= grounds if live else not bars & grounds
            assert ("SYNCING" in texts(panel)[0]) is not live


async def test_it_is_painted_anew_only_where_something_is_new_and_not_too_often() -> None:
    panel = DepthPanel(id="depth")
    other = book_of({Decimal(99): Decimal(7)}, {Decimal(101): Decimal(3)})
    async with charted(panel, (60, 16)):
        view = looked(EVEN, 1, version=1)
        panel.show(view)
        first = texts(panel)[1]

        later = msgspec.structs.replace(
            looked(other, 1, version=2), monotonic_ns=view.monotonic_ns + 1
        )
        panel.show(later)
        assert texts(panel)[1] == first
        # Nothing comes after it: it is painted when it is time.
        panel._catch_up()
        assert texts(panel)[1].split() == ["bid", "7", "ask", "3"]

        again = msgspec.structs.replace(view, version=3, monotonic_ns=later.monotonic_ns + REST_NS)
        panel.show(again)
        assert texts(panel)[1] == first


async def test_zoom_brings_the_edges_nearer() -> None:
    panel = DepthPanel(id="depth")
    async with charted(panel, (60, 16)):
        panel.show(looked(random_book(random.Random(1), "deep")))
        reaches = []
        for step in (0, 1, 1, -2):
            panel.zoom(step)
            low, *_, high = texts(panel)[-1].split()
            reaches.append(Decimal(high) - Decimal(low))

    assert reaches[0] > reaches[1] > reaches[2]
    assert reaches[3] == reaches[0]


def test_a_size_beside_it_is_whole_or_not_there() -> None:
    cut = 0
    for seed in (11, 23, 28, 31, 33):
        chance = random.Random(seed)
        sides: list[dict[Decimal, Decimal]] = [{}, {}]
        for side, sign in zip(sides, (-1, 1), strict=True):
            price = Decimal(60_000)
            for _ in range(200):
                price += sign * Decimal(chance.randrange(1, 200)).scaleb(-2)
                side[price] = Decimal(f"{chance.lognormvariate(-3, 2):.8f}") + Decimal("1e-8")
            for wall in chance.sample(sorted(side), 3):
                side[wall] = Decimal(chance.choice((100, 500, 1000)))
        for width in (40, 45, 70, 93):
            panel = unmounted(DepthPanel(id="depth"))
            panel.view = looked(book_of(*sides), tick="0.01")
            for zoom in (0, 0, 1, 1, 1, -1, -1, -1, -1):
                panel._scale.zoom += zoom
                lines = panel.paint_body(width, 12)
                cut += sum(len("".join(it.text for it in line)) > width for line in lines)
    assert not cut
