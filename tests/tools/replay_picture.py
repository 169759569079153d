"""A replay for a picture: a capture of the seeded market, with marks and a gap, standing still."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from obtui.frame import Disconnect, Frame, FrameKind, Header, Mark
from obtui.looks import Look
from obtui.recording.capture import encode_line
from obtui.recording.formats import feed_of
from obtui.recording.index import open_index
from obtui.recording.reader import open_recording
from obtui.replay import Player
from obtui.replay_app import ReplayApp
from obtui.session import Session
from obtui.shared import Market
from obtui.track import Track

SECOND = 1_000_000_000


class Seeded(Protocol):
    """The seeded market of the pictures, as far as it is needed here."""

    frames: list[Frame]
    now_ns: int

    def run(self, seconds: float) -> None: ...
    def tell(self, kind: FrameKind, data: bytes) -> None: ...
    def lose_a_frame(self) -> None: ...
    def whole_book(self) -> None: ...


@asynccontextmanager
async def replay_of(
    market: Seeded, theme: str
) -> AsyncIterator[tuple[ReplayApp, Callable[[], bool]]]:
    """The app, of a capture of what the market has told and tells now, to be run; and whether it
    stands where it is to stand."""
    header = msgspec.json.encode(Header("gemini", "BTCUSD", url="", program="obtui"))
    first = market.frames[0]
    begins = Frame(FrameKind.HEADER, header, first.received_ns, first.monotonic_ns, 0)
    market.frames.insert(0, begins)
    _mark(market, "the bid is pulled")
    market.run(30)
    market.lose_a_frame()
    lost = Disconnect("gap in update ids", 1.0)
    market.tell(FrameKind.DISCONNECT, msgspec.json.encode(lost))
    market.now_ns += SECOND
    market.tell(FrameKind.CONNECT, b'{"url":"wss://ws.gemini.com"}')
    market.whole_book()
    market.run(40)
    here_ns = market.now_ns
    market.run(25)
    _mark(market, "back again")
    market.run(20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "btc.jsonl"
        path.write_bytes(b"".join(map(encode_line, market.frames)))
        recording = open_recording([str(path)])
        index = open_index(recording)

        def fresh() -> Market:
            return Market(Session(feed_of(recording.header)))

        shown = fresh()
        player = Player(Track(recording, index), shown, fresh)
        player.toggle_pause()
        player.seek(here_ns)
        app = ReplayApp(shown, player, Look(theme=theme), driver_class=None)
        yield app, lambda: player.view().received_ns == here_ns
        index.close()


def _mark(market: Seeded, note: str) -> None:
    market.tell(FrameKind.MARK, msgspec.json.encode(Mark(note)))
