"""What every venue of the simulated exchange is to its server.

A venue knows its own paths, its own words and its own listings; it knows no socket, no server and
no other venue. The server knows no venue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import msgspec

from obtui.simulator.listing import Listing, Listings, Stream
from obtui.simulator.outbox import Outbox

Query = Mapping[str, str]


class HttpReply(NamedTuple):
    """What a plain GET is answered with, or a websocket that is refused."""

    status: int
    body: bytes


def json_reply(body: object, status: int = 200) -> HttpReply:
    """A reply of what msgspec can encode."""
    return HttpReply(status, msgspec.json.encode(body))


NOT_FOUND = json_reply(
    {"result": "error", "reason": "EndpointNotFound", "message": "API entry point not found"}, 404
)
UNAVAILABLE = json_reply({"result": "error", "reason": "System", "message": "try again later"}, 503)


class Client(Protocol):
    """One websocket of a venue: what it asked for and what it is due."""

    def receive(self, message: str | bytes) -> None:
        """Answer a message; whatever it is, there is an answer and never an exception."""
        return

    def pass_time(self, now: float) -> None:
        """The time, in seconds of the monotonic clock, a few dozen times a second."""
        return

    def close(self) -> None:
        """End every subscription."""
        ...


class Venue(Protocol):
    """A venue: its listings, its websocket protocols, its REST interface."""

    listings: Listings

    def __init__(self, listings: Listings) -> None:
        """`listings` of the markets in `markets.LISTED`, with `streams`."""
        self.listings = listings

    @staticmethod
    def streams(listing: Listing) -> Mapping[str, Stream]:
        """What of a market can be subscribed to, by a name of the venue's own."""
        ...

    def serves(self, path: str, query: Query) -> bool:
        """Whether a websocket with this address may be this venue's."""
        ...

    def refusal(self, path: str, query: Query) -> HttpReply | None:
        """What a websocket that it serves is refused with before it opens; None lets it in."""
        return None

    def speaks(self, message: str | bytes) -> bool:
        """Whether this is a message of its clients: tells it from another venue on its path."""
        return True

    def connect(self, path: str, query: Query, outbox: Outbox) -> Client:
        """A websocket has opened, with an address that it does not refuse."""
        ...

    def respond(self, path: str, query: Query) -> HttpReply | None:
        """Answer a plain GET; None for a path that is not this venue's."""
        ...


def limit_of(query: Query, name: str, default: int) -> int | None:
    """A count among the parameters, or None where it is none; 0 is one."""
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text)


def keys_of(message: str | bytes) -> frozenset[str]:
    """The keys of a message that is a JSON object; none for any other."""
    try:
        return frozenset(msgspec.json.decode(message, type=dict[str, msgspec.Raw]))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return frozenset()
