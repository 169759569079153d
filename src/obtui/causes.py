"""Why there is no connection, in a few words for the screen; the exceptions of others end here."""

from __future__ import annotations

import os
import ssl
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidURI,
)

MESSAGE_TOO_BIG = 1009


def of_close(error: ConnectionClosed, largest_frame: int) -> str:
    """Why an open connection ended; `largest_frame` is our own limit in bytes."""
    received, sent = error.rcvd, error.sent
    if sent is not None and sent.code == MESSAGE_TOO_BIG and received is None:
        return f"a frame over the limit of {largest_frame >> 20} MiB"
    if received is None:
        return "the connection was lost"
    reason = f": {received.reason}" if received.reason else ""
    return f"closed by the venue ({received.code}{reason})"


def of_failure(error: BaseException, open_seconds: float) -> str:
    """Why none could be opened; `open_seconds` is how long it was tried."""
    if isinstance(error, OSError):
        return _of_os_error(error, open_seconds)
    if isinstance(error, InvalidProxy):
        return f"not a proxy's address: {error.msg}"  # str(error) holds its password
    if isinstance(error, InvalidURI | InvalidHandshake):
        return f"not a websocket there: {error}"
    if isinstance(error, ValueError):
        return "not a host's address"
    return str(error) or type(error).__name__


def of_status(status: int) -> str:
    """Why a handshake was answered with this HTTP status."""
    if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
        return f"the venue does not serve this place (HTTP {status})"
    return f"the venue answered HTTP {status}"


def host(url: str) -> str:
    """Host and port of an address, without the user and password that may stand before them."""
    try:
        return (urlsplit(url).netloc or url).rpartition("@")[2]
    except ValueError:
        return "of the environment"


def _of_os_error(error: OSError, open_seconds: float) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the venue's certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return f"no answer within {open_seconds:.0f} s"
    if "connect call failed" in str(error).lower():
        # asyncio tells the address where the reason belongs, or of all addresses at once.
        return os.strerror(error.errno).lower() if error.errno else "no address of it answers"
    return (error.strerror or str(error)).lower() or type(error).__name__
