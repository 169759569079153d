"""Makes the pictures in `screenshots/` from pilot runs on seeded data.

Run it with `python tests/tools/screenshots.py` after a change of the screen, and look at what
changed; a test compares what it makes with what is there.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import msgspec
from textual.pilot import Pilot

from obtui import keymap
from obtui.app import ObtuiApp
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Frame, FrameKind, RestReply
from obtui.looks import Look
from obtui.market import Side
from obtui.session import Session
from obtui.shared import Market
from obtui.simulator.flow import OrderFlow, Reason
from obtui.simulator.listing import Change
from obtui.simulator.markets import BTCUSD, ETHUSD, MarketParameters
from obtui.simulator.protocols import gemini_wire as gemini
from obtui.watched import Watched

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"
SECOND = 1_000_000_000
START_NS = 1_774_958_400 * SECOND
"""2026-03-31 12:00:00 UTC, of no meaning but that it never changes."""
RUN_SECONDS = 75
DETAILS = {
    market.symbol: (
        f'{{"symbol":"{market.symbol}","base_currency":"{market.base}","quote_currency":"USD",'
        '"quote_increment":0.01,"tick_size":1E-8}'
    )
    for market in (BTCUSD, ETHUSD)
}


class Told:
    """A source that is fed by hand."""

    unlisted = False

    def run(self, is_cancelled: Callable[[], bool]) -> None:
        """Nothing comes by itself."""

    def stop(self) -> None:
        """Nothing to stop."""


@dataclass
class Recording:
    """What the status line says of recording."""

    active: bool = False
    failed: bool = False
    text: str = "not recording"
    saved: tuple[str, ...] = ()

    def words(self) -> str:
        """As the real one."""
        return self.text

    def toggle(self) -> str:
        """Not used."""
        return ""


class SeededMarket:
    """A market that has been watched for a while, at a time that is told."""

    def __init__(
        self,
        seed: int = 20,
        parameters: MarketParameters = BTCUSD,
        feed: type[GeminiFeed] = GeminiFeed,
    ) -> None:
        self.now_ns = START_NS
        symbol = parameters.symbol
        self.market = Market(Session(feed(symbol)))
        self._flow = OrderFlow(parameters, seed)
        self._id = 1_764_527_605_191_349
        self.frames: list[Frame] = []
        """All that was told."""
        self.tell(FrameKind.CONNECT, b'{"url":""}')
        reply = RestReply(f"/v1/symbols/details/{symbol.lower()}", 200, DETAILS[symbol])
        self.tell(FrameKind.REST, msgspec.json.encode(reply))
        self.whole_book()

    def whole_book(self) -> None:
        """What a connection begins with."""
        flow = self._flow
        self.text((self._id, self._id), flow.bids.levels(), flow.asks.levels())

    def tell(self, kind: FrameKind, data: bytes) -> None:
        """Apply one frame at the present moment; the venue's clock is 14 ms away."""
        frame = Frame(kind, data, self.now_ns, self.now_ns - START_NS + SECOND, 1)
        self.frames.append(frame)
        self.market.apply(frame)

    def text(
        self, ids: tuple[int, int], bids: list[tuple[int, int]], asks: list[tuple[int, int]]
    ) -> None:
        """Apply a depth frame."""
        venue_ns = self.now_ns - 14_000_000
        self.tell(
            FrameKind.TEXT, gemini.depth_update(self._flow.parameters, venue_ns, ids, bids, asks)
        )

    def monotonic_ns(self) -> int:
        """The app's clock: a little after the last frame."""
        return self.now_ns - START_NS + SECOND + 60_000_000

    def run(self, seconds: float, watched: Watched | None = None) -> None:
        """Let the market trade, in frames of 100 ms, with somebody to remember how it stood."""
        for step in range(round(seconds * 10)):
            if watched is not None and step % 10 == 0:
                watched.remember(self.now_ns - START_NS + SECOND)
            self.now_ns += SECOND // 10
            changes: dict[Side, dict[int, int]] = {Side.BID: {}, Side.ASK: {}}
            for event in self._flow.advance(self._flow.time + 0.1):
                changes[event.side][event.price] = event.remaining
                if event.reason is Reason.TRADE:
                    venue_ns = self.now_ns - 14_000_000
                    trade = Change(event, self._id, self._id, venue_ns)
                    frame = gemini.trade_update(self._flow.parameters, [trade])
                    self.tell(FrameKind.TEXT, frame)
            bids, asks = (list(changes[side].items()) for side in (Side.BID, Side.ASK))
            if bids or asks:
                self.text((self._id, self._id + 7), bids, asks)
                self._id += 7
            self.market.tick(self.now_ns, self.now_ns - START_NS + SECOND)

    def lose_a_frame(self) -> None:
        """What a dropped message leads to."""
        self.text((self._id + 20, self._id + 27), [], [(1, 1)])

    def go_on(self) -> None:
        """What a new connection begins with, after a lost message."""
        self.lose_a_frame()
        self.tell(FrameKind.CONNECT, b'{"url":""}')
        self.whole_book()

    def fall_silent(self) -> None:
        """Nothing comes any more, though the connection stands."""
        self.now_ns += 34 * SECOND
        self.market.tick(self.now_ns, self.now_ns - START_NS + SECOND)


def _nothing(_market: SeededMarket) -> None:
    """Most scenes need no more than a market that trades."""


@dataclass(frozen=True)
class Scene:
    """One picture."""

    size: tuple[int, int]
    theme: str = "obtui"
    recording: str = ""
    layout: str = "book"
    keys: tuple[str, ...] = ()
    """As they are written."""
    before: Callable[[SeededMarket], None] = _nothing
    after: Callable[[SeededMarket], None] = _nothing
    """What happens once the keys are pressed."""
    beside: Callable[[], list[Market]] = list
    """Other markets on the same screen."""
    replay: bool = False
    """Whether it is of a capture of that market."""


class KrakenLike(GeminiFeed):
    """Another venue on the same protocol: a picture shows books, not how they came."""

    name: ClassVar[str] = "kraken"
    house: ClassVar[str] = "kraken"


class CoinbaseLike(GeminiFeed):
    """As above."""

    name: ClassVar[str] = "coinbase"
    house: ClassVar[str] = "coinbase"


def _same_asset() -> list[Market]:
    """The same asset on two other venues."""
    found = []
    # The same flow, some seconds behind: three markets of one asset have much in common.
    for seconds, feed in ((3, KrakenLike), (1, CoinbaseLike)):
        other = SeededMarket(feed=feed)
        other.run(RUN_SECONDS - seconds)
        found.append(other.market)
    return found


RECORDING = "REC 1,204 lines · 561 kB · gemini-BTCUSD.jsonl"

SCENES = {
    "watch": Scene((120, 36), recording=RECORDING),
    "all": Scene((160, 46), layout="all", keys=("$", "5", "enter"), before=SeededMarket.go_on),
    "map": Scene((120, 36), layout="map", keys=("]", "]")),
    "small": Scene((60, 16)),
    "side-by-side": Scene((120, 30), theme="obtui-colour-blind", keys=("v", "]", "]", "]")),
    "anchored": Scene((100, 36), theme="obtui-light", keys=("v", "v", "t", "down", "down")),
    "frozen": Scene((120, 24), keys=("space",), after=lambda market: market.run(12)),
    "stale": Scene((120, 24), before=SeededMarket.fall_silent),
    "consolidated": Scene((120, 30), keys=("a",), beside=_same_asset),
    "replay": Scene((120, 40), replay=True),
    "mono": Scene((120, 30), theme="obtui-mono"),
    "help": Scene((120, 40), keys=("?",)),
}


async def render(name: str) -> str:
    """The SVG of one picture."""
    scene = SCENES[name]
    seeded = SeededMarket()
    watched = Watched(seeded.market, Told())
    seeded.run(RUN_SECONDS, watched)
    scene.before(seeded)
    if scene.replay:
        from tools.replay_picture import replay_of

        async with replay_of(seeded, scene.theme) as (replay, arrived):
            return await _svg(name, replay, seeded, arrived)
    recording = Recording(active=bool(scene.recording))
    recording.text = scene.recording or recording.text
    app = ObtuiApp(
        [watched, *(Watched(market, Told()) for market in scene.beside())],
        recording,
        Look(theme=scene.theme, layout=scene.layout),
        clock=seeded.monotonic_ns,
        driver_class=None,
    )
    return await _svg(name, app, seeded)


async def _svg(
    name: str, app: ObtuiApp, seeded: SeededMarket, ready: Callable[[], bool] = lambda: True
) -> str:
    scene = SCENES[name]
    async with app.run_test(size=scene.size) as pilot:
        await _settle(pilot)
        while not ready():
            await pilot.pause(0.01)
        for key in scene.keys:
            await pilot.press(keymap.named(key) if len(key) == 1 else key)
            await _settle(pilot)
        scene.after(seeded)
        app.refresh_now()
        await _settle(pilot)
        svg = app.export_screenshot(title=f"obtui {name}")
    # The exporter's class names hang on the text's hash; the text is what is compared.
    return f"{svg.rstrip()}\n<!-- {made_with()} -->\n"


async def _settle(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.pause()


def made_with() -> str:
    """What decides the bytes of a picture."""
    return f"textual {version('textual')}, rich {version('rich')}"


def shown_text(svg: str) -> list[str]:
    """The text of a picture, without how it is drawn."""
    return re.findall(r">([^<>\n]+)</text>", svg)


def main() -> None:
    """Write every picture."""
    os.environ.pop("NO_COLOR", None)
    FOLDER.mkdir(exist_ok=True)
    for name in SCENES:
        (FOLDER / f"{name}.svg").write_text(asyncio.run(render(name)), encoding="utf-8")
        print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
