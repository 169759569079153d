"""The venues' protocols, one file each. This registry is the only place that knows them all."""

from __future__ import annotations

from obtui.feeds.base import VenueFeed
from obtui.feeds.binance import BinanceFeed, BinanceUsFeed
from obtui.feeds.bitstamp import BitstampFeed
from obtui.feeds.bybit import BybitFeed
from obtui.feeds.coinbase import CoinbaseFeed
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.feeds.kraken import KrakenFeed
from obtui.feeds.okx import OkxFeed

FEEDS: dict[str, type[VenueFeed]] = {
    GeminiFeed.name: GeminiFeed,
    GeminiV1Feed.name: GeminiV1Feed,
    CoinbaseFeed.name: CoinbaseFeed,
    KrakenFeed.name: KrakenFeed,
    BinanceFeed.name: BinanceFeed,
    BinanceUsFeed.name: BinanceUsFeed,
    BitstampFeed.name: BitstampFeed,
    OkxFeed.name: OkxFeed,
    BybitFeed.name: BybitFeed,
}
"""By what `--venue` takes: what makes the feed of a symbol in the venue's spelling."""
