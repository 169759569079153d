"""A capture's line as a frame, and whether what the line says can be acted on.

One JSON object a line with five keys: `{"k": kind, "t": wall ns, "m": monotonic ns,
"c": connection, "d": "text"}`. It knows one line at a time: no file, no order, no venue.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

import msgspec

from obtui.feeds.base import LATEST, FeedError, check_levels
from obtui.frame import (
    BookCheckpoint,
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
from obtui.market import BookState

LONGEST_RETRY = 1e6
"""Seconds: a longer wait for the next try is no wait that was ever made."""

_Time = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]


class _Line(msgspec.Struct, gc=False):
    k: FrameKind
    t: _Time
    m: _Time
    c: _Time
    d: str


class BadLine(Exception):
    """A line that is no frame; the message says in a few words what is wrong with it."""


_decode = msgspec.json.Decoder(_Line).decode

_UNDECODABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


def decode_line(line: bytes) -> Frame:
    """The frame that `line` (with or without its newline) is; raises `BadLine`."""
    try:
        it = _decode(line)
        return Frame(it.k, it.d.encode("utf-8", "surrogateescape"), it.t, it.m, it.c)
    except _UNDECODABLE as error:
        return _decode_bytes(line, error)


def _decode_bytes(line: bytes, error: Exception) -> Frame:
    """As `decode_line` for a frame of bytes that are no UTF-8: each is a lone `\\udcXX`, which is
    legal JSON, but which msgspec refuses."""
    if b"\\udc" not in line.lower():
        raise BadLine(why_bad(line, error)) from error
    try:
        it = msgspec.convert(json.loads(line), _Line)
        return Frame(it.k, it.d.encode("utf-8", "surrogateescape"), it.t, it.m, it.c)
    except (ValueError, RecursionError) as second:
        raise BadLine(why_bad(line, second)) from error


def why_bad(line: bytes, error: Exception) -> str:
    """In a few words, why a line could not be decoded."""
    if b"\0" in line:
        return "NUL bytes"
    if isinstance(error, UnicodeError):
        return "not UTF-8"
    if isinstance(error, msgspec.ValidationError):
        return f"not such a line: {error}"
    return "not a whole JSON object"


def check_control(frame: Frame) -> None:
    """Raise `BadLine` where a control line says what nobody can act on.

    A file may hold anything; a session that is fed from it takes control frames at their word.
    """
    check = _CHECKS.get(frame.kind)
    if check is None:
        return
    try:
        check(frame.data)
    # OverflowError is among the arithmetic ones: sums with the numbers of a hostile line.
    except (*_UNDECODABLE, FeedError, ValueError, ArithmeticError) as error:
        raise BadLine(f"a {frame.kind.value} line that says nothing: {error}") from error


def _is(form: type[object]) -> Callable[[bytes], None]:
    decode = msgspec.json.Decoder(form).decode

    def check(data: bytes) -> None:
        decode(data)

    return check


_gap = msgspec.json.Decoder(Gap).decode
_header = msgspec.json.Decoder(Header).decode
_disconnect = msgspec.json.Decoder(Disconnect).decode
_mark = msgspec.json.Decoder(Mark).decode


def _check_gap(data: bytes) -> None:
    BookState(_gap(data).state)


def _check_header(data: bytes) -> None:
    checkpoint = _header(data).checkpoint
    if checkpoint is not None:
        check_checkpoint(checkpoint)


def check_checkpoint(checkpoint: BookCheckpoint) -> None:
    """Raise ValueError or `FeedError` unless its state is one and its levels are a market's."""
    BookState(checkpoint.state)
    check_levels(checkpoint.bids)
    check_levels(checkpoint.asks)


def _check_disconnect(data: bytes) -> None:
    if not 0 <= _disconnect(data).retry_seconds <= LONGEST_RETRY:
        raise BadLine("no time until the next try")


def _check_mark(data: bytes) -> None:
    at_ns = _mark(data).at_ns
    if at_ns is not None and not 0 <= at_ns <= LATEST:
        raise ValueError("no moment that could be marked")


_CHECKS: dict[FrameKind, Callable[[bytes], None]] = {
    FrameKind.HEADER: _check_header,
    FrameKind.CONNECT: _is(Connect),
    FrameKind.SEND: _is(Sent),
    FrameKind.REST: _is(RestReply),
    FrameKind.DISCONNECT: _check_disconnect,
    FrameKind.GAP: _check_gap,
    FrameKind.DROP: _is(Drop),
    FrameKind.MARK: _check_mark,
    FrameKind.END: _is(End),
}
