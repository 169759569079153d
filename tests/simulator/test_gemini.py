from __future__ import annotations

import json

from obtui.market import Side
from obtui.simulator.clock import SystemClock
from obtui.simulator.faults import Faults, FaultScript
from obtui.simulator.flow import BookEvent, OrderFlow, Reason
from obtui.simulator.listing import Change, Listings
from obtui.simulator.markets import BTCUSD, LISTED
from obtui.simulator.protocols import gemini_rest, gemini_v1
from obtui.simulator.protocols import gemini_wire as gemini
from obtui.simulator.protocols.base import HttpReply, Query
from obtui.simulator.protocols.gemini import Gemini
from obtui.simulator.queues import Order, QueueSide

NOW = 1_789_456_742_362_015_387
SNAPSHOT = gemini.depth_update(BTCUSD, NOW, (9, 9), [(6_070_000, 100_000_000)], [(6_070_650, 5)])


def test_depth_update_pads_prices_and_counts_nanoseconds() -> None:
    frame = gemini.depth_update(BTCUSD, NOW, (5, 9), [(6_070_050, 2_000_000)], [(6_071_000, 0)])

    assert frame == (
        b'{"e":"depthUpdate","E":1789456742362015387,"s":"btcusd","U":5,"u":9,'
        b'"b":[["60700.50","0.02"]],"a":[["60710.00","0"]]}'
    )


def test_a_trade_has_no_kind_and_names_the_makers_side() -> None:
    event = BookEvent(1.0, Side.BID, 6_070_050, 0, -150_000, Reason.TRADE)

    frame = gemini.trade_update(BTCUSD, [Change(event, 9, 7, NOW)])

    assert frame == (
        b'{"E":1789456742362015387,"s":"btcusd","t":7,"p":"60700.50","q":"0.0015","m":true}'
    )


def test_a_ticker_leaves_out_the_last_trade_until_there_is_one() -> None:
    best = ((6_070_050, 1), (6_070_100, 200_000_000))
    event = BookEvent(1.0, Side.ASK, 6_070_100, 0, -150_000, Reason.TRADE)

    before = gemini.book_ticker(BTCUSD, NOW, 3, best, None)
    after = gemini.book_ticker(BTCUSD, NOW, 3, best, event)

    assert before == (
        b'{"u":3,"E":1789456742362015387,"s":"btcusd","b":"60700.50","B":"0.00000001",'
        b'"a":"60701.00","A":"2"}'
    )
    assert after.endswith(b'"A":"2","c":"60701.00","C":"0.0015"}')


def test_replies() -> None:
    assert gemini.acknowledgement("1") == b'{"id":"1","status":200}'
    assert gemini.acknowledgement(5, {"serverTime": 3}) == (
        b'{"id":5,"status":200,"result":{"serverTime":3}}'
    )
    assert gemini.refusal(4, gemini.INVALID_PARAMETERS, "Invalid stream name: x@y") == (
        b'{"id":4,"status":400,"error":{"code":-1013,"msg":"Invalid stream name: x@y"}}'
    )


def test_the_first_v1_frame_is_the_book_and_has_no_time() -> None:
    frame = gemini_v1.v1_initial(BTCUSD, 12, [(6_070_050, 2_000_000)], [(6_071_000, 1)])

    assert frame == (
        b'{"eventId":12,"events":['
        b'{"type":"change","delta":"0.02","price":"60700.5","reason":"initial",'
        b'"remaining":"0.02","side":"bid"},'
        b'{"type":"change","delta":"0.00000001","price":"60710","reason":"initial",'
        b'"remaining":"0.00000001","side":"ask"}],"socket_sequence":0,"type":"update"}'
    )


def test_a_v1_trade_comes_with_its_change() -> None:
    event = BookEvent(1.0, Side.ASK, 6_070_100, 50_000_000, -150_000, Reason.TRADE)

    frame = gemini_v1.v1_update(12, gemini_v1.v1_events(BTCUSD, 7, event), 3, NOW)

    assert json.loads(frame) == {
        "type": "update",
        "eventId": 12,
        "timestamp": 1789456742,
        "timestampms": 1789456742362,
        "socket_sequence": 3,
        "events": [
            {"type": "trade", "tid": 7, "price": "60701", "amount": "0.0015", "makerSide": "ask"},
            {
                "type": "change",
                "side": "ask",
                "price": "60701",
                "remaining": "0.5",
                "delta": "-0.0015",
                "reason": "trade",
            },
        ],
    }
    assert gemini_v1.v1_heartbeat(4) == b'{"socket_sequence":4,"type":"heartbeat"}'


def rest(path: str, query: Query | None = None) -> HttpReply:
    listings = Listings(LISTED["gemini"], Gemini.streams, seed=1, speed=1.0, clock=SystemClock())
    listing = listings.find("BTCUSD")
    assert listing is not None
    bids, asks = QueueSide(Side.BID), QueueSide(Side.ASK)
    bids.load([Order(Side.BID, price, 100_000_000) for price in (100, 300, 200)])
    asks.load([Order(Side.ASK, price, 1) for price in (600, 500)])
    listing.flow.bids, listing.flow.asks = bids, asks
    reply = gemini_rest.respond(path, query or {}, listings)
    assert reply is not None
    return reply


def test_rest_details_tell_the_size_step_as_tick_size() -> None:
    status, body = rest("/v1/symbols/details/btcusd")

    details = json.loads(body)
    assert status == 200
    assert (details["symbol"], details["base_currency"]) == ("BTCUSD", "BTC")
    assert (details["tick_size"], details["quote_increment"]) == (1e-8, 0.01)


def test_rest_book_is_cut_to_its_limits() -> None:
    _, body = rest("/v1/book/BTCUSD", {"limit_bids": "2", "limit_asks": "0"})
    status, _ = rest("/v1/book/BTCUSD", {"limit_bids": "many"})

    book = json.loads(body)
    assert [(level["price"], level["amount"]) for level in book["bids"]] == [("3", "1"), ("2", "1")]
    assert [level["price"] for level in book["asks"]] == ["5", "6"]
    assert status == 400


def test_rest_refuses_what_it_does_not_know() -> None:
    unknown = rest("/v1/book/nosuch")

    assert (unknown.status, json.loads(unknown.body)) == (
        400,
        {
            "result": "error",
            "reason": "InvalidSymbol",
            "message": "Supplied value 'NOSUCH' is not a valid symbol",
        },
    )
    assert rest("/v1/symbols/details/nosuch").status == 400
    assert rest("/v2/ticker/nosuch").status == 400


def test_faults_strike_the_frames_they_name() -> None:
    script = FaultScript(Faults(drop_book_frame=2, garble_frame=4, silent_after=5))

    sent = [script.judge(b"0123", same).frames for _ in range(3)]
    garbled = script.judge(b"0123")
    last = script.judge(b"0123")
    silent = script.judge(b"0123")

    assert sent == [(b"0123",), (), (b"0123",)]
    assert [verdict.frames for verdict in (garbled, last, silent)] == [(b"01",), (b"0123",), ()]


def test_an_oversize_frame_has_the_bytes_that_were_asked_for() -> None:
    first, padding = FaultScript(Faults(oversize_frame=4096)).judge(b"{}", same).frames

    assert first == b"{}"
    assert len(padding) == 4096
    assert json.loads(padding).keys() == {"padding"}


def test_a_crossed_frame_is_whole_and_crosses() -> None:
    flow = OrderFlow(BTCUSD, 1)
    v1 = gemini_v1.v1_initial(BTCUSD, 1, flow.bids.levels(2), flow.asks.levels(2))

    (crossed,) = FaultScript(Faults(crossed_frame=1)).judge(SNAPSHOT, gemini.crossed).frames
    (v1_crossed,) = FaultScript(Faults(crossed_frame=1)).judge(v1, gemini_v1.crossed).frames

    update = json.loads(crossed)
    assert max(float(price) for price, _ in update["b"]) > float(update["a"][0][0])
    events = json.loads(v1_crossed)["events"]
    assert events[-1]["side"] == "bid"
    assert float(events[-1]["price"]) > max(float(e["price"]) for e in events if e["side"] == "ask")


def test_an_altered_frame_is_whole_and_has_another_price() -> None:
    (altered,) = FaultScript(Faults(alter_book_frame=1)).judge(SNAPSHOT, gemini.crossed).frames

    assert altered == SNAPSHOT.replace(b'[["60700.00"', b'[["60700.01"')


def same(frame: bytes) -> bytes:
    return frame
