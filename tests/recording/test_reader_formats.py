"""Book lines and the test data's format, and the real files through the real decoders."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from obtui.book import OrderBook
from obtui.frame import Frame, FrameKind
from obtui.market import BookState
from obtui.recording.book_lines import NO_BOOK
from obtui.recording.books import encode_book_line, encode_untrusted_line
from obtui.recording.formats import feed_of
from obtui.recording.reader import Located, Recording, RecordingUnreadable, open_recording
from obtui.session import Session
from support.captures import DATA
from support.recordings import put

MS = 1_000_000


def real(name: str) -> Recording:
    path = DATA / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")
    return open_recording([str(path)])


def replayed(recording: Recording) -> Iterator[tuple[Located, Session]]:
    session = Session(feed_of(recording.header))
    for located in recording.frames():
        session.receive(located.frame)
        yield located, session


def top(book: OrderBook) -> tuple[Decimal, Decimal]:
    bid, ask = book.bids.best(), book.asks.best()
    assert bid is not None
    assert ask is not None
    return bid.price, ask.price


@pytest.mark.parametrize("name", ["current-btcusd-31s", "v1-btcusd-31s"])
def test_the_real_market_ends_in_the_book_that_it_ended_in(name: str) -> None:
    trades = 0
    states = []
    for _, session in replayed(real(f"gemini/{name}")):
        states.append(session.state)
        trades += session.applied.last_trade is not None and states[-1] is BookState.VERIFIED

    book = session.book
    assert top(book) == (Decimal("60707.59"), Decimal("60713.37"))
    assert (len(book.bids), len(book.asks)) == (4159, 2461)
    assert session.resyncs == 0
    assert BookState.CROSSED not in states
    assert states[-1] is BookState.VERIFIED
    assert trades


def test_real_perpetuals_keep_the_top_that_the_venue_tells() -> None:
    tickers: dict[int, tuple[Decimal, Decimal]] = {}
    checked = 0
    for located, session in replayed(real("gemini/current-perps-real")):
        if located.frame.kind is not FrameKind.TEXT:
            continue
        it = json.loads(located.frame.data, parse_float=Decimal)
        if it.get("s") != "btcgusdperp":
            continue
        if "B" in it:
            tickers[it["u"]] = (Decimal(it["b"]), Decimal(it["a"]))
        elif "U" in it:
            newest = max((u for u in tickers if u <= it["u"]), default=None)
            if newest is not None:
                assert top(session.book) == tickers[newest]
                checked += 1
    assert checked > 10


@pytest.mark.parametrize(
    ("name", "symbol", "lines"),
    [
        ("binance/spot-btcusdt-2024-08-08", "BTCUSDT", 41_250),
        ("coinbase/advanced-real", "BTC-USD", 251),
        ("kraken/btcchf-31s", "BTC/CHF", 325),
        ("okx/books-real", "BTC-USDT-SWAP", 143),
    ],
)
def test_other_real_samples_are_read_whole(name: str, symbol: str, lines: int) -> None:
    recording = real(name)

    frames = [located.frame for located in recording.frames()]

    assert recording.kind == "sample"
    assert recording.header.symbol == symbol
    assert [frames[0].kind, frames[1].kind] == [FrameKind.HEADER, FrameKind.CONNECT]
    assert len(frames) == lines + 1
    assert recording.damages == ()


def test_a_samples_frames_are_those_of_its_lines(tmp_path: Path) -> None:
    said = [
        ("connect", "wss://api.gemini.com/v1/marketdata/ETHUSD?heartbeat=true"),
        ("out", "hello"),
        ("in", "é 1"),
        ("rest", "{}"),
    ]
    data = "".join(
        json.dumps({"ts": nth, "dir": way, "data": text}, ensure_ascii=False) + "\n"
        for nth, (way, text) in enumerate(said)
    )
    recording = open_recording([put(tmp_path / "a", data.encode())])

    frames = [located.frame for located in recording.frames()]

    assert (recording.header.venue, recording.header.symbol) == ("gemini-v1", "ETHUSD")
    assert [frame.kind.value for frame in frames] == ["header", "connect", "send", "frame", "rest"]
    assert frames[3] == Frame(FrameKind.TEXT, "é 1".encode(), 2, 2, 1)
    assert json.loads(frames[4].data) == {"path": "", "status": 200, "body": "{}"}


def test_book_lines_become_books_of_their_own_digits(tmp_path: Path) -> None:
    one = encode_book_line(
        [(Decimal("10.10"), Decimal("1E-8"))], [(Decimal(11), Decimal(2))], 7_500_000
    )
    other = encode_book_line([(Decimal(9), Decimal(1))], [(Decimal(12), Decimal(3))], 9 * MS)
    name = "gemini-BTCUSD-20261123T004512Z.jsonl"
    path = put(tmp_path / name, one + encode_untrusted_line(8 * MS) + other)

    recording = open_recording([path])
    seen = [
        (located.frame.received_ns, session.state, dict(session.book.bids.sizes))
        for located, session in replayed(recording)
    ]

    assert recording.kind == "books"
    assert recording.header.venue == "book lines"
    assert recording.header.symbol == "BTCUSD"
    first = {Decimal("10.10"): Decimal("1E-8")}
    assert seen[2:] == [
        (7 * MS, BookState.UNVERIFIED, first),
        (8 * MS, BookState.SYNCING, first),
        (9 * MS, BookState.UNVERIFIED, {Decimal(9): Decimal(1)}),
    ]
    assert next(session for _, session in replayed(recording)).feed.check == ""


def test_the_loss_of_the_book_is_told_in_words(tmp_path: Path) -> None:
    book = encode_book_line([(Decimal(1), Decimal(1))], [], 0)
    path = put(tmp_path / "x.jsonl.gz", gzip.compress(book + encode_untrusted_line(1)))

    *_, (_, session) = replayed(open_recording([path]))

    assert (session.state, session.reason) == (BookState.SYNCING, NO_BOOK)


def test_the_original_crawlers_lines_are_read(tmp_path: Path) -> None:
    line = (
        b'{"bids": [[11398.73, 0.96304843]], "asks": [[11407.42, 1.30814001]], "ts": 1562558996535}'
    )
    *_, (located, session) = replayed(open_recording([put(tmp_path / "crawl", line + b"\n")]))

    assert located.frame.received_ns == 1_562_558_996_535 * MS
    assert top(session.book) == (Decimal("11398.73"), Decimal("11407.42"))


def test_a_venue_that_is_not_known_is_named(tmp_path: Path) -> None:
    text = json.dumps({"ts": 1, "dir": "connect", "data": "wss://feed.nosuch.example/x"})
    recording = open_recording([put(tmp_path / "a", text.encode() + b"\n")])

    with pytest.raises(RecordingUnreadable, match=r"venue 'feed\.nosuch\.example'"):
        feed_of(recording.header)
