"""`obtui symbols` and `obtui venues`: what they print, and how they fail."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from obtui import cli, instrument_lists, rest
from obtui.feeds import FEEDS
from obtui.feeds.kraken import KrakenFeed
from obtui.frame import RestReply
from support.http import closed_port, rest_venue
from support.scripted_rest import scripted_rest
from terminal_support import PYTHON, environment

NAMES = ["btcusd", "ethusd", "btcgusd", "xrprlusd", "btceur", "ethbtc"]


def gemini(path: str, _nth: int) -> tuple[int, str]:
    if path == "/v1/symbols":
        return 200, json.dumps(NAMES)
    name = path.rpartition("/")[2].upper()
    told = {"base_currency": name[:3], "quote_currency": name[3:], "quote_increment": 1e-05}
    return 200, json.dumps({"symbol": name, **told, "status": "open"})


def kraken() -> str:
    pairs = {
        "XXBTZUSD": {"wsname": "XBT/USD", "tick_size": "0.1", "status": "online"},
        "ALGOUSD": {"wsname": "ALGO/USD", "tick_size": "0.00001", "status": "cancel_only"},
        "PEPEUSD": {"wsname": "PEPE/USD", "tick_size": "1E-9", "status": "online"},
    }
    return json.dumps({"error": [], "result": pairs})


def test_a_list_is_a_table_in_order(capfd: pytest.CaptureFixture[str]) -> None:
    with rest_venue(200, kraken()) as server:
        code = cli.main(["symbols", "--venue", "kraken", "--rest-url", server.url])

    assert code == 0
    assert capfd.readouterr() == (
        "symbol    base  quote         tick  status\n"
        "ALGO/USD  ALGO  USD        0.00001  cancel_only\n"
        "BTC/USD   BTC   USD            0.1  online\n"
        "PEPE/USD  PEPE  USD    0.000000001  online\n",
        "",
    )


def test_as_json_it_says_what_is_not_known(capfd: pytest.CaptureFixture[str]) -> None:
    with scripted_rest(gemini) as server:
        code = cli.main(["symbols", "--rest-url", server.url, "--json"])

    assert code == 0
    lines = json.loads(capfd.readouterr().out)
    assert [line["symbol"] for line in lines] == sorted(name.upper() for name in NAMES)
    unknown = {"tick": None, "status": None}
    assert lines[0] == {"symbol": "BTCEUR", "base": "BTC", "quote": "EUR", **unknown}
    assert lines[-1] == {"symbol": "XRPRLUSD", "base": None, "quote": None, **unknown}
    assert server.paths == ["/v1/symbols"]


def test_of_a_few_the_venue_is_asked_what_its_list_does_not_tell(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with scripted_rest(gemini) as server:
        code = cli.main(["symbols", "eth", "--rest-url", server.url, "--json"])

    assert code == 0
    out = capfd.readouterr().out
    assert '"tick":0.00001,' in out
    lines = json.loads(out)
    assert [(it["symbol"], it["quote"], it["status"]) for it in lines] == [
        ("ETHBTC", "BTC", "open"),
        ("ETHUSD", "USD", "open"),
    ]
    assert sorted(server.paths[1:]) == [
        "/v1/symbols/details/ethbtc",
        "/v1/symbols/details/ethusd",
    ]


@pytest.mark.parametrize("text", ["algo", "ALGO-USD", "algo/usd", "gousd"])
def test_a_filter_is_held_against_the_letters(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with rest_venue(200, kraken()) as server:
        assert cli.main(["symbols", text, "--venue", "kraken", "--rest-url", server.url]) == 0

    assert [line.split()[0] for line in capfd.readouterr().out.splitlines()] == [
        "symbol",
        "ALGO/USD",
    ]


def test_a_filter_that_nothing_has_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with rest_venue(200, kraken()) as server:
        code = cli.main(["symbols", "qqq\x1b", "--venue", "kraken", "--rest-url", server.url])

    assert code == 1
    assert capfd.readouterr() == ("", "obtui: none of kraken's 3 symbols has qqq  in it\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--rest-url", "ftp://x"], 2, "--rest-url ftp://x: it must look like http://host:port"),
        (["--venue", "nyse"], 2, "there is no venue 'nyse': choose "),
        (["--rest-url", f"http://127.0.0.1:{closed_port()}"], 1, "no list of symbols came from "),
    ],
)
def test_it_fails_in_one_line(
    arguments: list[str], code: int, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["symbols", *arguments]) == code

    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(f"obtui: {message}")
    assert err.count("\n") == 1


def test_the_list_is_that_of_now_or_else_the_kept_one_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    replies: list[RestReply | None] = [RestReply("", 200, kraken()), None]

    async def fetch(*_: object) -> RestReply | None:
        return replies.pop(0)

    monkeypatch.setattr(rest, "fetch", fetch)
    command = ["symbols", "--venue", "kraken", "--rest-url", "https://api.example"]

    assert cli.main(command) == 0
    kept = instrument_lists.kept(KrakenFeed, "https://api.example")
    assert kept is not None
    monkeypatch.setattr("obtui.commands.symbols_command.time.time", lambda: kept.at + 7200)
    now = capfd.readouterr()
    assert cli.main(command) == 0

    assert now.err == ""
    assert capfd.readouterr() == (
        now.out,
        "obtui: no list came from https://api.example: this one is 2h00m old\n",
    )


def test_venues_are_told_with_what_each_verifies(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["venues"]) == 0

    lines = capfd.readouterr().out.splitlines()
    assert all(len(line) < 80 for line in lines)
    assert [line.split()[0] for line in lines if line and line[0] != " "] == [
        "venue",
        *FEEDS,
        "*",
    ]
    gemini = next(line for line in lines if line.startswith("gemini "))
    words = "gemini * BTCUSD the stream bookTicker update ids follow without a gap"
    assert " ".join(gemini.split()) == words
    assert next(line for line in lines if line.startswith("bitstamp")).endswith("nothing")


def test_venues_as_json_have_the_words_of_their_feeds(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["venues", "--json"]) == 0

    venues = {venue["venue"]: venue for venue in json.loads(capfd.readouterr().out)}
    assert list(venues) == list(FEEDS)
    assert [name for name, venue in venues.items() if venue["default"]] == ["gemini"]
    assert venues["kraken"]["example"] == "BTC/USD"
    assert venues["binance"]["book_from"] == "REST"
    for name, venue in venues.items():
        assert (venue["check"] or "") == FEEDS[name].check
        assert (venue["top_from"] or "") == FEEDS[name].top_from


def test_a_reader_that_leaves_is_no_failure_of_ours() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*PYTHON, "venues"],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
            env=environment(),
        )
    finally:
        os.close(writer)

    assert (done.returncode, done.stderr) == (128 + 13, "")
