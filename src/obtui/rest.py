"""The venue's REST interface: here, the instrument that is being watched.

It fetches and hands on what came, as a `RestReply`; what a reply means is the feed's to say. A
failure is never fatal: the feed is tried without what REST would have told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from obtui.address import is_loopback
from obtui.frame import RestReply

TIMEOUT_SECONDS = 5.0
LARGEST_REPLY = 1 << 20
LARGEST_BOOK = 16 << 20
LARGEST_LIST = 64 << 20
"""Bytes. A venue's whole list of instruments may have over ten million."""
LONGEST_HOLD = 3600.0
"""Seconds: a venue that asks to be left alone for longer is asked again after these."""
Told = TypeVar("Told")


def wait_for(work: Coroutine[Any, Any, Told | None], seconds: float) -> Told | None:
    """What `work` returns, or None where it takes longer; not to be called in an event loop."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(work, seconds))
    except TimeoutError:
        return None
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        # Not asyncio.run(): that would wait for a name server that does not answer.
        loop.close()


async def fetch(base_url: str, path: str, largest: int = LARGEST_REPLY) -> RestReply | None:
    """GET `path`; None when the venue was not reached or answered more than `largest` bytes."""
    import httpx  # late: it costs more to import than the rest of the program's start

    try:
        async with (
            httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS, trust_env=not is_loopback(base_url)
            ) as client,
            client.stream("GET", base_url.rstrip("/") + path) as response,
        ):
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > largest:
                    return None
            text = body.decode("utf-8", "replace")
            hold = _seconds(response.headers.get("Retry-After", ""))
            return RestReply(path, response.status_code, text, hold)
    # ImportError: the environment names a SOCKS proxy, for which httpx needs another package.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError):
        return None


def _seconds(text: str) -> float:
    """Of a `Retry-After` header; 0 where it is none, or a date."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return 0.0
    return min(float(text), LONGEST_HOLD)
