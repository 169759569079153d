"""Samples of a venue's messages: `{"ts", "dir": "connect | out | in | rest", "data"}` a line.

Their one time stands for both clocks, and what they are of is told by the address that was
connected to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from obtui.feeds import FEEDS
from obtui.feeds.base import LATEST, UNDECODABLE
from obtui.frame import Connect, Frame, FrameKind, Header, RestReply, Sent
from obtui.market import Instrument
from obtui.recording.lines import BadLine, why_bad
from obtui.spelling import cut


class SampleLine(msgspec.Struct, gc=False):
    """A line of the test data."""

    ts: Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
    dir: Literal["connect", "out", "in", "rest"]
    data: str


_decode_sample = msgspec.json.Decoder(SampleLine).decode


def sample_frame(line: bytes) -> Frame:
    """A sample's line; raises `BadLine`. Its one time stands for both clocks, and a REST reply,
    whose path is not in it, has none."""
    try:
        it = _decode_sample(line)
        data = it.data.encode()
    except UNDECODABLE as error:
        raise BadLine(why_bad(line, error)) from error
    match it.dir:
        case "in":
            return Frame(FrameKind.TEXT, data, it.ts, it.ts, 1)
        case "out":
            kind, data = FrameKind.SEND, msgspec.json.encode(Sent(it.data))
        case "connect":
            kind, data = FrameKind.CONNECT, msgspec.json.encode(Connect(it.data))
        case "rest":
            kind, data = FrameKind.REST, msgspec.json.encode(RestReply("", 200, it.data))
    return Frame(kind, data, it.ts, it.ts, 1)


_SYMBOLS = (
    re.compile(rb"/marketdata/([A-Za-z0-9]+)"),
    re.compile(rb'"(?:s|symbol|instId|product_id)": ?"([-/A-Za-z0-9]+)"'),
)


def sample_header(frames: Iterable[Frame]) -> Header:
    """Of a sample with these first frames: venue by its address, symbol by the first that is named.

    A venue that has no feed here is called by its host.
    """
    url, symbol = "", ""
    for frame in frames:
        if frame.kind is FrameKind.CONNECT and not url:
            url = msgspec.json.decode(frame.data, type=Connect).url
        for pattern in _SYMBOLS:
            found = pattern.search(frame.data)
            if found and not symbol:
                symbol = found[1].decode()
    address = urlsplit(url)
    for name, make in FEEDS.items():
        feed = make(symbol)
        its = urlsplit(feed.url)
        # The first part of the path tells two protocols on one host apart.
        if (address.hostname, _first(address.path)) == (its.hostname, _first(its.path)):
            return Header(name, feed.symbol, url=url, program="", instrument=_told_by(feed.symbol))
    return Header(address.hostname or "unknown", symbol, url=url, program="")


def _told_by(symbol: str) -> Instrument:
    """A sample does not say what its quote currency is: it is told by a table, and called so."""
    base, quote = cut(symbol) or ("", "")
    return Instrument(symbol, base, quote, guessed=bool(quote))


def _first(path: str) -> str:
    return path.strip("/").partition("/")[0]
