"""What a session wants from the world, and what a frame led to: data, no doing."""

from __future__ import annotations

import msgspec

from obtui.feeds.base import Fetch
from obtui.frame import Gap
from obtui.market import Trade


class Send(msgspec.Struct, frozen=True):
    """Send this text on the connection."""

    text: str


class Reconnect(msgspec.Struct, frozen=True):
    """Close the connection, for this reason, and open a new one."""

    reason: str


class Refuse(msgspec.Struct, frozen=True):
    """The venue has no such symbol: stop trying."""

    reason: str


Effect = Send | Fetch | Reconnect | Refuse


class Outcome(msgspec.Struct, frozen=True):
    """What a frame or a tick led to."""

    book: bool = False
    """Whether a book message was applied."""
    trades: tuple[Trade, ...] = ()
    effects: tuple[Effect, ...] = ()
    gap: Gap | None = None
    """A change of state that the clock alone brought."""


# Nearly all frames lead to one of these two, so they are made once.
NOTHING = Outcome()
BOOK = Outcome(book=True)
