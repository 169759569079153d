"""`obtui book`: one snapshot over REST, as a ladder and as a book line."""

from __future__ import annotations

import json
import time

import pytest

from obtui import cli
from obtui.commands import book_command
from obtui.recording.book_lines import BookLinesDecoder
from support.http import closed_port, silent_port
from support.scripted_rest import Answers, ScriptedRest, scripted_rest

BIDS = [("60990.08", "0.00375913"), ("60985.00", "0.0395"), ("60980", "1")]
ASKS = [("61002.80", "0.015584"), ("61003.34", "0.019"), ("61010.10", "2")]
DETAILS = {
    "symbol": "BTCUSD",
    "base_currency": "BTC",
    "quote_currency": "USD",
    "quote_increment": 0.01,
    "status": "open",
}
UNKNOWN = '{"result":"error","reason":"InvalidSymbol","message":"not a valid symbol"}'
LADDER = """\
   price USD    size BTC         sum
-   61003.34  0.019       0.034584
-   61002.80  0.015584    0.015584
   spread 12.72 USD · 2.09 bps
+   60990.08  0.00375913  0.00375913
+   60985.00  0.0395      0.04325913
"""

Levels = list[tuple[str, str]]


def gemini(bids: Levels = BIDS, asks: Levels = ASKS, details: str = json.dumps(DETAILS)) -> Answers:
    """A venue with one market."""
    book = {
        side: [{"price": price, "amount": size, "timestamp": "0"} for price, size in levels]
        for side, levels in (("bids", bids), ("asks", asks))
    }

    def answer(path: str, _nth: int) -> tuple[int, str]:
        if path == "/v1/symbols":
            return 200, '["btcusd"]'
        if path == "/v1/symbols/details/btcusd":
            return 200, details
        if path.startswith("/v1/book/btcusd?"):
            return 200, json.dumps(book)
        return 400, UNKNOWN

    return answer


def book(server: ScriptedRest, *arguments: str) -> int:
    return cli.main(["book", "--rest-url", server.url, *arguments])


def test_asks_are_above_the_spread_and_bids_below(capfd: pytest.CaptureFixture[str]) -> None:
    with scripted_rest(gemini()) as server:
        assert book(server, "btc-usd", "--depth", "2") == 0

    head, ladder = capfd.readouterr().out.split("\n\n")
    assert head.startswith("gemini BTCUSD · BTC/USD · ")
    assert head.endswith(" UTC")
    assert ladder == LADDER
    assert "/v1/book/btcusd?limit_bids=2&limit_asks=2" in server.paths


def test_a_venue_may_be_named_with_the_symbol(capfd: pytest.CaptureFixture[str]) -> None:
    with scripted_rest(gemini()) as server:
        assert book(server, "gemini-v1:BTCUSD") == 0

    assert capfd.readouterr().out.startswith("gemini-v1 BTCUSD")


def test_as_json_it_is_a_book_line_and_says_of_what(capfd: pytest.CaptureFixture[str]) -> None:
    before = time.time_ns() // 1_000_000
    with scripted_rest(gemini()) as server:
        assert book(server, "BTCUSD", "--depth", "1", "--json") == 0

    (line,) = capfd.readouterr().out.splitlines()
    assert line.startswith(
        '{"bids": [[60990.08, 0.00375913]], "asks": [[61002.80, 0.015584]], "ts":'
    )
    told = json.loads(line)
    assert list(told) == ["bids", "asks", "ts", "venue", "symbol"]
    assert (told["venue"], told["symbol"]) == ("gemini", "BTCUSD")
    assert before <= told["ts"] <= time.time_ns() // 1_000_000
    assert BookLinesDecoder().decode(line.encode())


def test_the_tick_of_the_venue_gives_the_places(capfd: pytest.CaptureFixture[str]) -> None:
    details = json.dumps({**DETAILS, "quote_increment": 0.0001})
    with scripted_rest(gemini([("1", "1")], [("2", "1")], details)) as server:
        assert book(server, "BTCUSD") == 0

    assert "1.0000" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("bids", "asks", "told"),
    [
        ([], [], "the book is empty"),
        (BIDS, [], "no asks"),
        ([], ASKS, "no bids"),
        ([("7", "1")], [("6", "1")], "CROSSED: the best bid is not below the best ask"),
    ],
)
def test_a_book_that_is_none_is_told(
    bids: Levels, asks: Levels, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with scripted_rest(gemini(bids, asks)) as server:
        assert book(server, "BTCUSD") == 0

    assert told in capfd.readouterr().out


def test_where_the_list_is_not_reached_the_guess_is_told(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def answer(path: str, nth: int) -> tuple[int, str]:
        return gemini()(path, nth) if path.startswith("/v1/book/") else (503, "")

    with scripted_rest(answer) as server:
        assert book(server, "btc/usd") == 0

    head = capfd.readouterr().out.splitlines()[0]
    assert "BTC/USD (guessed: the venue's list was not reached)" in head


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        ((400, UNKNOWN), 2, "gemini has no symbol BTCUSD (not a valid symbol)"),
        ((500, "<html>"), 1, ": gemini answered 500"),
        ((200, "<html>"), 1, ": not the reply that was due: "),
        ((200, '{"bids":[{"price":"-1","amount":"1"}],"asks":[]}'), 1, ": a level of price -1"),
    ],
)
def test_what_is_no_book_is_told_in_one_line(
    answer: tuple[int, str], code: int, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with scripted_rest(lambda path, nth: answer if "/book/" in path else gemini()(path, nth)) as it:
        assert book(it, "BTCUSD") == code

    out, err = capfd.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("obtui: ")
    assert err.count("\n") == 1


def test_an_unknown_symbol_is_refused_before_the_book_is_asked(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with scripted_rest(gemini()) as server:
        assert book(server, "BTCUDS") == 2

    assert capfd.readouterr() == (
        "",
        "obtui: gemini has no symbol BTCUDS: the nearest is BTCUSD\n",
    )
    assert not any("/book/" in path for path in server.paths)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["BTCUSD", "--url", "ws://127.0.0.1:1"], "a book is asked over REST: give --rest-url"),
        (["nyse:BTCUSD"], "there is no venue 'nyse'"),
        (["BTC USD"], "'BTC USD' is not a symbol"),
    ],
)
def test_what_cannot_be_asked_is_told(
    arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["book", *arguments]) == 2

    assert capfd.readouterr().err.startswith(f"obtui: {message}")


def test_nobody_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(book_command, "SECONDS", 0.05)
    monkeypatch.setattr("obtui.symbols.ASK_SECONDS", 0.05)
    with silent_port() as port:
        for origin in (f"http://127.0.0.1:{closed_port()}", f"http://127.0.0.1:{port}"):
            assert cli.main(["book", "BTCUSD", "--rest-url", origin]) == 1
            assert capfd.readouterr().err == (
                f"obtui: no book came from {origin}: it did not answer; try again later\n"
            )
