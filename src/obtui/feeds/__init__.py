"""The venues' protocols, one file each. This registry is the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable

from obtui.feeds.base import Feed
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed

FEEDS: dict[str, Callable[[str], Feed]] = {
    GeminiFeed.name: GeminiFeed,
    GeminiV1Feed.name: GeminiV1Feed,
}
"""By what `--venue` takes: what makes the feed of a symbol."""
