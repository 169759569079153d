"""OKX: the chain of sequence ids, the words of its socket, and its REST replies."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal

import pytest

from obtui.effects import Reconnect
from obtui.feeds.base import Malformed, SequenceGap, SymbolRefused, VenueError
from obtui.feeds.okx import DEPTH, OkxDecoder, OkxFeed
from obtui.market import (
    Aggressor,
    BookDelta,
    BookSnapshot,
    BookState,
    Day,
    Heartbeat,
    Instrument,
    Trade,
)
from obtui.session import Session
from support.captures import DATA
from support.frames import connect, text
from support.wire import encode

Pairs = list[tuple[str, str]]
INSTRUMENT = {
    "instId": "BTC-USDT",
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "tickSz": "0.1",
    "state": "live",
}


def book(
    sequence: int,
    bids: Pairs,
    asks: Pairs,
    *,
    after: int = -1,
    symbol: str = "BTC-USDT",
    ts: str = "1597026383085",
) -> bytes:
    """A frame of `books`: the whole book, unless it comes after another."""
    sides = {
        name: [[price, size, "0", "3"] for price, size in side]
        for name, side in (("asks", asks), ("bids", bids))
    }
    ids = {"ts": ts, "checksum": 0, "prevSeqId": after, "seqId": sequence}
    action = "snapshot" if after == -1 else "update"
    arg = {"channel": "books", "instId": symbol}
    return encode({"arg": arg, "action": action, "data": [sides | ids]})


def synced() -> OkxDecoder:
    decoder = OkxDecoder("BTC-USDT")
    decoder.decode(book(10, [("99", "1")], [("101", "2")]))
    return decoder


def test_the_snapshot_is_the_book_and_an_update_changes_it() -> None:
    decoder = OkxDecoder("BTC-USDT")
    ns = 1_597_026_383_085_000_000

    assert decoder.decode(book(10, [("99", "1")], [])) == [
        BookSnapshot([(Decimal(99), Decimal(1))], [], ns)
    ]
    assert decoder.decode(book(25, [("99", "0")], [], after=10)) == [
        BookDelta([(Decimal(99), Decimal(0))], [], ns, depth=DEPTH)
    ]


def test_a_broken_chain_is_a_gap() -> None:
    with pytest.raises(SequenceGap, match="10 is followed by 11"):
        synced().decode(book(12, [], [("101", "3")], after=11))


def test_keepalives_and_the_maintenance_reset_are_in_the_chain() -> None:
    decoder = synced()

    decoder.decode(book(10, [], [], after=10))
    decoder.decode(book(3, [("98", "1")], [], after=10))
    decoder.decode(book(8, [("98", "2")], [], after=3))

    with pytest.raises(SequenceGap):
        decoder.decode(book(20, [], [], after=10))


def test_an_update_before_the_book_is_passed_over() -> None:
    assert OkxDecoder("BTC-USDT").decode(book(12, [("99", "1")], [], after=11)) == []


def test_another_decoder_goes_on_in_the_chain() -> None:
    other, fresh = OkxDecoder("BTC-USDT"), OkxDecoder("BTC-USDT")
    other.load(synced().save())
    fresh.load(OkxDecoder("BTC-USDT").save())

    assert other.decode(book(12, [("99", "3")], [], after=10))
    assert fresh.decode(book(12, [("99", "3")], [], after=10)) == []


def test_levels_beyond_the_venues_depth_are_forgotten() -> None:
    session = Session(OkxFeed("BTC-USDT"))
    session.receive(connect())
    bids = [(str(1000 - step), "1") for step in range(DEPTH)]
    session.receive(text(book(1, bids, [("2000", "1")])))

    session.receive(text(book(2, [("1001", "5")], [], after=1)))

    assert len(session.book.bids) == DEPTH
    assert session.book.bids.prices[0] == 1000 - DEPTH + 2


@pytest.mark.parametrize(
    ("side", "aggressor"),
    [("buy", Aggressor.BUYER), ("sell", Aggressor.SELLER), ("", Aggressor.NONE)],
)
def test_a_trades_side_is_the_takers(side: str, aggressor: Aggressor) -> None:
    entry = {"instId": "BTC-USDT", "tradeId": "7", "px": "42", "sz": "0.5", "side": side}
    frame = {"arg": {"channel": "trades", "instId": "BTC-USDT"}, "data": [entry | {"ts": "5"}]}

    assert OkxDecoder("BTC-USDT").decode(encode(frame)) == [
        Trade(Decimal(42), Decimal("0.5"), aggressor, 5_000_000, "7")
    ]


@pytest.mark.parametrize(
    "frame",
    [
        book(99, [("1", "1")], [], after=98, symbol="ETH-USDT"),
        b'{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[],"bids":[]}]}',
        b"{}",
    ],
)
def test_other_channels_and_instruments_are_passed_over(frame: bytes) -> None:
    decoder = synced()

    assert not decoder.decode(frame)
    assert decoder.decode(book(12, [("99", "1")], [], after=10))


@pytest.mark.parametrize("frame", [b"pong", b'{"id":"x","event":"subscribe","connId":"a"}'])
def test_pong_and_acknowledgements_are_signs_of_life(frame: bytes) -> None:
    assert OkxDecoder("BTC-USDT").decode(frame) == (Heartbeat(),)


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ({"event": "error", "code": "60018", "msg": "BTC-USDT doesn't exist"}, SymbolRefused),
        ({"event": "error", "code": "60012", "msg": "Illegal request"}, VenueError),
        ({"event": "notice", "code": "64008", "msg": "upgrade soon"}, VenueError),
    ],
)
def test_errors_and_notices(word: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error, match=word["msg"]):
        OkxDecoder("BTC-USDT").decode(encode(word))


@pytest.mark.parametrize(
    "frame",
    [
        b"ping",
        book(12, [("NaN", "1")], [], after=10),
        book(12, [("99", "1")], [], after=10, ts="soon"),
        book(12, [("99", "1")], [], after=10).replace(b'"seqId":12', b'"seqId":null'),
        book(12, [], []).replace(b"snapshot", b"other"),
    ],
)
def test_what_the_protocol_does_not_say_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        synced().decode(frame)


def test_the_feed_asks_for_book_and_trades() -> None:
    feed = OkxFeed("btc/usdt")

    assert feed.symbol == "BTC-USDT"
    (request,) = feed.subscriptions()
    assert [arg["channel"] for arg in json.loads(request)["args"]] == ["books", "trades"]
    assert feed.ping() == "ping"


def test_rest_lists_and_describes() -> None:
    body = json.dumps({"code": "0", "data": [INSTRUMENT]})
    instrument = Instrument("BTC-USDT", "BTC", "USDT", Decimal("0.1"), "live")

    assert OkxFeed.instruments(body) == [instrument]
    assert OkxFeed("BTC-USDT").instrument(200, body) == instrument
    assert OkxFeed("ETH-USDT").instrument(200, body) is None
    assert OkxFeed("BTC-USDT").instrument(502, "<html>") is None


def test_rest_refuses_an_unknown_symbol() -> None:
    body = '{"code":"51001","data":[],"msg":"Instrument ID does not exist"}'

    with pytest.raises(SymbolRefused):
        OkxFeed("NO-SUCH").instrument(200, body)
    with pytest.raises(SymbolRefused):
        OkxFeed("NO-SUCH").book(200, body)


def test_rest_tells_a_book_and_a_day() -> None:
    feed = OkxFeed("BTC-USDT")
    levels = '{"asks":[["101","2","0","1"]],"bids":[["99","1","0","1"]],"ts":"1"}'
    day = '{"last":"10","open24h":"8","high24h":"11","low24h":"7","vol24h":"1000"}'

    book_said = feed.book(200, '{"code":"0","data":[' + levels + "]}")

    assert book_said.bids == [(Decimal(99), Decimal(1))]
    assert feed.day('{"data":[' + day + "]}") == Day(
        Decimal(10), Decimal(2), Decimal(11), Decimal(7), Decimal(1000)
    )
    assert feed.day('{"data":[]}') is None
    assert feed.day("<html>") is None
    with pytest.raises(VenueError):
        feed.book(503, '{"code":"50001","msg":"busy"}')


def test_the_chain_of_a_real_capture_holds() -> None:
    path = DATA / "okx" / "books-real.jsonl.gz"
    if not path.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")
    session = Session(OkxFeed("BTC-USDT-SWAP"))
    session.receive(connect())
    books = trades = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["dir"] != "in":
                continue
            outcome = session.receive(text(record["data"].encode()))
            assert not any(isinstance(effect, Reconnect) for effect in outcome.effects)
            assert not session.book.crossed
            books += outcome.book
            trades += len(outcome.trades)

    assert session.state is BookState.VERIFIED
    assert session.resyncs == 0
    assert books > 10
    assert trades > 1


def test_a_channel_of_another_form_is_passed_over() -> None:
    decoder = synced()
    candle = b'{"arg":{"channel":"candle1m","instId":"BTC-USDT"},"data":[["1","2","3"]]}'
    ticker = b'{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"px":""}]}'

    assert decoder.decode(candle) == decoder.decode(ticker) == ()
    assert decoder.decode(book(12, [("99", "1")], [], after=10))
