"""The venue's REST interface: here, the instrument that is being watched.

It fetches and hands on what came, as a `RestReply`; what a reply means is the feed's to say. A
failure is never fatal: the feed is tried without what REST would have told.
"""

from __future__ import annotations

from obtui.address import is_loopback
from obtui.frame import RestReply

TIMEOUT_SECONDS = 5.0
LARGEST_REPLY = 1 << 20


async def fetch(base_url: str, path: str) -> RestReply | None:
    """GET `path`; None when the venue could not be reached or answered out of all bounds."""
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
                if len(body) > LARGEST_REPLY:
                    return None
            return RestReply(path, response.status_code, body.decode("utf-8", "replace"))
    # ImportError: the environment names a SOCKS proxy, for which httpx needs another package.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError):
        return None
