"""Real frames of Binance: its stream, and the REST book that was asked for meanwhile."""

from __future__ import annotations

import copy
import gzip
import itertools
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from obtui import cli
from obtui.feeds.binance import BinanceFeed
from obtui.live import LiveFeed
from obtui.market import BookState
from obtui.recording.control import RecordingControl
from obtui.recording.reader import open_recording
from obtui.session import Session
from support.books import Levels, set_level
from support.captures import DATA
from support.driven import Looked, shorten
from support.scripted_rest import scripted_rest
from support.venue import LoopbackVenue, hold, running, send_all
from support.wait import eventually
from terminal_support import terminal

SAMPLE = DATA / "binance" / "spot-btcusdt-2024-08-08.jsonl.gz"
FEED = BinanceFeed("BTCUSDT")


def first_lines(count: int | None) -> list[dict[str, Any]]:
    """The sample's lines, as many as asked for; skips the test where it is not there."""
    if not SAMPLE.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in itertools.islice(lines, count)]


def written(folder: Path, lines: list[dict[str, Any]]) -> str:
    """A file of its own: what is played gets an index beside it."""
    path = folder / "sample.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def changes(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The data of all depth frames."""
    frames = [json.loads(line["data"]) for line in lines if line["dir"] == "in"]
    return [frame["data"] for frame in frames if frame["stream"].endswith("@depth@100ms")]


def true_books(lines: list[dict[str, Any]]) -> list[Levels]:
    """The book after the snapshot, and after each change that follows it; by no code of ours."""
    (reply,) = (json.loads(line["data"]) for line in lines if line["dir"] == "rest")
    book: Levels = ({}, {})
    for sizes, key in zip(book, ("bids", "asks"), strict=True):
        for price, size in reply[key]:
            set_level(sizes, price, size)
    books = [copy.deepcopy(book)]
    for change in changes(lines):
        if change["u"] > reply["lastUpdateId"]:
            for sizes, key in zip(book, "ba", strict=True):
                for price, size in change[key]:
                    set_level(sizes, price, size)
            books.append(copy.deepcopy(book))
    return books


@pytest.mark.parametrize(
    ("count", "applied", "trades"),
    [(3_000, 279, 518), pytest.param(None, 3_449, 9_757, id="whole")],
)
def test_the_stream_is_spliced_and_agrees_with_the_venues_best_prices(
    tmp_path: Path, count: int | None, applied: int, trades: int
) -> None:
    lines = first_lines(count)
    recording = open_recording([written(tmp_path, lines)])
    session = Session(BinanceFeed(recording.header.symbol))
    books = printed = 0

    for located in recording.frames():
        outcome = session.receive(located.frame)
        books += outcome.book
        printed += len(outcome.trades)
        assert not session.book.crossed
        assert not session.trouble

    assert (recording.header.venue, recording.header.symbol) == ("binance", "BTCUSDT")
    assert len(changes(lines)) == applied + 2  # two are older than the snapshot
    # The snapshot and the change that waited for it came at once.
    assert books == session.applied.crosscheck.agreed == applied
    assert printed == trades
    assert session.state is BookState.VERIFIED


def test_over_loopback_every_book_is_a_true_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)
    lines = first_lines(600)
    frames = [line["data"] for line in lines if line["dir"] == "in"]
    (reply,) = (line["data"] for line in lines if line["dir"] == "rest")
    truth = true_books(lines)
    looked = Looked(FEED, truth)

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, frames)
        await hold(connection)

    def answer(path: str, nth: int) -> tuple[int, str]:
        return (200, reply) if path.startswith("/api/v3/depth") else (503, "")

    with (
        LoopbackVenue(script) as venue,
        scripted_rest(answer) as rest,
        running(LiveFeed(FEED, looked.market, url=venue.url, rest_url=rest.url)),
    ):
        eventually(lambda: looked.has(truth[-1]), "the last book")

    books = looked.log.books
    assert books == truth[-len(books) :]
    assert looked.session.applied.crosscheck.agreed >= len(books) - 1
    assert (looked.view.resyncs, looked.session.trouble) == (0, "")
    assert looked.log.crossed == 0


def test_a_capture_of_it_replays_into_the_same_book_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch)
    monkeypatch.chdir(tmp_path)
    lines = first_lines(400)
    frames = [line["data"] for line in lines if line["dir"] == "in"]
    (reply,) = (line["data"] for line in lines if line["dir"] == "rest")
    truth = true_books(lines)
    looked = Looked(FEED, truth)
    control = RecordingControl(looked.market, venue=FEED.name, symbol=FEED.symbol)
    control.start("live.jsonl", "wire.jsonl.zst")
    verified = threading.Event()

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, frames[:200])
        await connection.loop.run_in_executor(None, verified.wait, 10.0)
        # The first connection loses what is in the middle: a book, none, and another book.
        await send_all(connection, frames[200:] if nth > 1 else frames[250:260])
        await hold(connection)

    def answer(path: str, nth: int) -> tuple[int, str]:
        return (200, reply) if path.startswith("/api/v3/depth") else (503, "")

    with (
        LoopbackVenue(script) as venue,
        scripted_rest(answer) as rest,
        running(LiveFeed(FEED, looked.market, url=venue.url, rest_url=rest.url)),
    ):
        eventually(lambda: looked.shows(BookState.VERIFIED), "the first book")
        verified.set()
        eventually(
            lambda: looked.session.connections == 2 and looked.has(truth[-1]), "the second book"
        )
        control.stop()

    assert cli.main(["replay", "wire.jsonl.zst", "--no-screen", "--record", "again.jsonl"]) == 0

    live = Path("live.jsonl").read_bytes()
    assert live.count(b'{"bids": [[') >= len(truth) - 20
    assert live.count(b'{"bids": [], "asks": []') == 2  # at the loss, and at the end
    assert Path("again.jsonl").read_bytes() == live


def test_it_plays_in_a_terminal(tmp_path: Path) -> None:
    sample = written(tmp_path, first_lines(3_000))
    with terminal(["replay", sample, "--speed", "max"], tmp_path) as running:
        running.wait_for("binance BTCUSDT in USDT (guessed)  VERIFIED  REPLAY 2024-08-08")
        running.wait_for("agreed 279")
        running.send("q")

        assert running.wait_for_exit() == 0
        running.assert_put_back()
