"""What the terminal sends: keys, and its replies, however it comes."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from textual import events
from textual.message import Message

from obtui.terminal import (
    ESCAPE_SECONDS,
    REPLY_SECONDS,
    TerminalDriver,
    _waited_for,
)
from obtui.terminal_output import POLL_SECONDS
from support.wait import eventually


class AtOnce:
    """A loop that does what it is asked for in the thread that asks."""

    def call_soon_threadsafe(self, callback: Callable[..., object], *arguments: object) -> None:
        callback(*arguments)


class Heard(TerminalDriver):
    """Reads from a pipe, and keeps what it heard."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self.exit_event = threading.Event()
        self._debug = False
        self._loop = AtOnce()  # type: ignore[assignment]
        self.heard: list[str] = []
        self.listen(self._hear, lambda: None)

    def _hear(self, cursor: tuple[int, int]) -> None:
        self.heard.append("home" if cursor == (0, 0) else "reply")

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition):
            super().process_message(message)
        elif isinstance(message, events.Key):
            self.heard.append(message.key)
        elif isinstance(message, events.Paste):
            self.heard.append(f"paste {message.text}")


@contextmanager
def listening() -> Iterator[tuple[Heard, Callable[[bytes], None]]]:
    """A driver at work, and what types: each call is read before it returns."""
    end, other = os.pipe()
    driver = Heard(end)
    thread = threading.Thread(target=driver.run_input_thread)
    thread.start()

    def type_in(data: bytes) -> None:
        os.write(other, data)
        eventually(lambda: not select.select([end], [], [], 0)[0], "it was read")

    try:
        yield driver, type_in
    finally:
        driver.exit_event.set()
        thread.join(5)
        os.close(other)
        os.close(end)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("parts", "heard"),
    [
        ([b"\x1b[9;9R"], ["reply"]),
        ([b"\x1b[1;1R"], ["home"]),
        ([b"a\x1b[1;1R\x1b[1;9R"], ["a", "home", "reply"]),
        ([b"\x1b[11;1R\x1b[1;1R"], ["reply", "home"]),
        ([b"\x1b[9;9R\x1b[10;200R"], ["reply", "reply"]),
        ([b"\x1b[9;9Ra"], ["reply", "a"]),
        ([b"a\x1b[9;9R"], ["a", "reply"]),
        ([b"\x1b[A\x1b[9;9R"], ["up", "reply"]),
        ([b"\x1b[A", b"\x1b[9;9R"], ["up", "reply"]),
        ([b"\x1b[9", b";9R"], ["reply"]),
        ([b"\x1b", b"[9;9R"], ["reply"]),
        ([b"\xc3", b"\xa9"], ["é"]),
        ([b"\xe4", b"\xb8", b"\xad"], ["中"]),
        ([b"a\xff", b"b"], ["a", "replacement_character", "b"]),
        ([b"\x1b[200~ab", b"c\xc3", b"\xa9\x1b[201~"], ["paste abcé"]),
        ([b"\x1b"], ["escape"]),
        ([b"\x1b[9;9R", b"\x1b"], ["reply", "escape"]),
    ],
)
def test_what_is_sent_is_heard(parts: list[bytes], heard: list[str]) -> None:
    with listening() as (driver, type_in):
        for part in parts:
            type_in(part)
        eventually(lambda: len(driver.heard) >= len(heard), f"heard {driver.heard}")

        assert [
            {"latin_small_letter_e_with_acute": "é"}.get(it, it) for it in driver.heard
        ] == heard


def test_the_rest_of_a_reply_is_waited_for_longer_than_that_of_a_key() -> None:
    assert _waited_for(b"a") == POLL_SECONDS
    assert _waited_for(b"\x1b[9;9R" + b"a" * 9) == POLL_SECONDS
    assert _waited_for(b"a\x1b") == ESCAPE_SECONDS
    assert _waited_for(b"\x1bO") == ESCAPE_SECONDS
    assert _waited_for(b"a\x1b[9;") == REPLY_SECONDS
