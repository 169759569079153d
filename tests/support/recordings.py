"""Captures as files, as the recorder writes them: of a small market, with every kind of line."""

from __future__ import annotations

import gzip
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from obtui.frame import (
    Connect,
    Disconnect,
    Drop,
    End,
    Frame,
    FrameKind,
    Gap,
    Header,
    Mark,
    RestReply,
    Sent,
)
from obtui.recording.capture import encode_line
from support import wire
from support.frames import at, wall

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Payload = Header | Connect | Sent | RestReply | Disconnect | Gap | Drop | Mark | End

_KINDS: dict[type[Payload], FrameKind] = {
    Header: FrameKind.HEADER,
    Connect: FrameKind.CONNECT,
    Sent: FrameKind.SEND,
    RestReply: FrameKind.REST,
    Disconnect: FrameKind.DISCONNECT,
    Gap: FrameKind.GAP,
    Drop: FrameKind.DROP,
    Mark: FrameKind.MARK,
    End: FrameKind.END,
}


def control(payload: Payload, seconds: float = 0.0, connection: int = 1) -> Frame:
    """A control line's frame."""
    kind = _KINDS[type(payload)]
    return Frame(kind, msgspec.json.encode(payload), wall(seconds), at(seconds), connection)


def header(seconds: float = 0.0, *, segment: int = 0, symbol: str = "BTCUSD") -> Frame:
    """A run's first line, or a segment's."""
    made = Header("gemini", symbol, url="wss://ws.gemini.com", program="obtui", segment=segment)
    return control(made, seconds, 0)


def message(data: bytes, seconds: float = 0.0, connection: int = 1) -> Frame:
    """A message of the venue."""
    return Frame(FrameKind.TEXT, data, wall(seconds), at(seconds), connection)


def opened(seconds: float = 0.0, connection: int = 1) -> Frame:
    """A connection's first line."""
    return control(Connect("wss://ws.gemini.com"), seconds, connection)


def put(path: Path, data: bytes) -> str:
    """A file with these bytes; returns its path."""
    path.write_bytes(data)
    return str(path)


BIDS = [("100.0", "1.5"), ("99.5", "2")]
ASKS = [("101.0", "1"), ("101.5", "3")]


def run(changes: int = 20) -> list[Frame]:
    """A whole run: header, connection, book, changes a tenth of a second apart, mark, end."""
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS), 0.1)]
    for nth in range(changes):
        change = wire.depth(nth + 2, [(f"{90 + nth % 7}.5", f"{nth + 1}")], after=nth + 1)
        frames.append(message(change, 0.2 + nth / 10))
    end = 0.2 + changes / 10
    return [*frames, control(Mark("before the end"), end), control(End(), end + 0.1, 1)]


def lines(frames: Iterable[Frame]) -> bytes:
    """As they stand in a plain capture."""
    return b"".join(map(encode_line, frames))


def packed(frames: Iterable[Frame], each: int = 5) -> bytes:
    """As they stand in a compressed capture: a zstandard frame for each so many lines."""
    all_lines = [encode_line(frame) for frame in frames]
    parts = [b"".join(all_lines[at : at + each]) for at in range(0, len(all_lines), each)]
    return b"".join(map(zstd.compress, parts))


def pack(how: str, frames: Iterable[Frame]) -> bytes:
    """A capture's bytes: plain, gz or zst."""
    if how == "zst":
        return packed(frames)
    plain = lines(frames)
    return gzip.compress(plain, mtime=0) if how == "gz" else plain


def busy_market(count: int, *, levels: int = 1000, seed: int = 1) -> Iterator[Frame]:
    """`count` changes and trades near the touch of a deep book, 20,000 a second."""
    chance = random.Random(seed)
    yield header()
    yield opened()
    bids = [(f"{60000 - nth * 0.5:.2f}", "1.25000000") for nth in range(levels)]
    asks = [(f"{60001 + nth * 0.5:.2f}", "1.25000000") for nth in range(levels)]
    yield message(wire.depth(1, bids, asks))
    last = 1
    for nth in range(1, count + 1):
        seconds = nth / 20_000
        if nth % 5 == 0:
            yield message(wire.trade(trade_id=nth), seconds)
            continue
        step = int(chance.expovariate(0.1)) * 0.5
        size = chance.choice(("0", "0.53000000", "1.25000000"))
        if chance.random() < 0.5:
            data = wire.depth(last + 1, [(f"{60000 - step:.2f}", size)], after=last)
        else:
            data = wire.depth(last + 1, asks=[(f"{60001 + step:.2f}", size)], after=last)
        last += 1
        yield message(data, seconds)


def _later(frames: list[Frame], seconds: float, connection: int) -> list[Frame]:
    ns = round(seconds * 1e9)
    return [
        Frame(it.kind, it.data, it.received_ns + ns, it.monotonic_ns + ns, connection)
        for it in frames
    ]


def eventful_market(count: int = 3000, *, levels: int = 20) -> list[Frame]:
    """A busy market with a mark, a gap and a reconnect in its middle."""
    half = list(busy_market(count // 2, levels=levels))
    half.insert(count // 4, control(Mark("in it"), count / 4 / 20_000))
    return [
        *half,
        message(wire.depth(10**9, after=10**9 - 1), 1),  # ids are missing before it
        control(Disconnect("gone", 0.5), 1.5),
        *_later(half[1:], 2, 2),
        control(Gap("STALE", "no word for 30 s", lost=False), 40, 2),
    ]


def write_busy_market(path: Path, size: int, *, levels: int = 1000) -> int:
    """A plain capture of about `size` bytes, closed whole; returns how many lines it has."""
    written = count = 0
    with path.open("wb") as file:
        for frame in busy_market(1 << 40, levels=levels):
            written += file.write(encode_line(frame))
            count += 1
            if written >= size:
                break
        file.write(encode_line(control(End(), count / 20_000)))
    return count + 1
