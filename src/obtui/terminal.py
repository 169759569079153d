"""Textual's driver, but that it never waits for the terminal, and hears its replies."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Final

from textual import constants, events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from obtui.terminal_output import CHUNK, POLL_SECONDS, TerminalOutput

QUERY = "\x1b[6n"
"""Where is the cursor? Nearly all terminals answer it, tmux too; the answer is no key."""
ESCAPE_SECONDS = constants.ESCAPE_DELAY + 0.005
"""After so long without more, an Esc was the key."""
REPLY = re.compile(rb"\x1b\[(\d+);(\d+)R")
REPLIES = re.compile(rb"(?:\x1b\[\d+;\d+R)+")
BEGUN, BEGUN_REPLY = re.compile(rb"\x1b[^\x1b]{0,8}\Z"), re.compile(rb"\x1b\[[\d;]*\Z")
"""At the end of what was read: what may be the beginning of a key's sequence, and what no one types
so fast, as of a reply that comes in two parts."""
REPLY_SECONDS = 0.5
"""For so long the rest of a reply is waited for, and at the end those that are still to come."""
# Cancels a half-sent sequence, then undoes all that the driver switched on, in its order.
RESTORE: Final = (
    "\x18\x1b[m\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


def _waited_for(data: bytes) -> float:
    """Seconds for which more may come that belongs to the end of what was read."""
    if BEGUN_REPLY.search(data):
        return REPLY_SECONDS
    return ESCAPE_SECONDS if BEGUN.search(data) else POLL_SECONDS


class TerminalDriver(LinuxDriver):
    """Textual's driver with output that never blocks the event loop, and replies that are heard."""

    output: TerminalOutput | None = None
    _suspended = False
    _on_reply: Callable[[tuple[int, int]], object] | None = None
    _on_key: Callable[[], object] | None = None
    # Two counters, each with one writer: what is between them is still to come.
    _asked = 0
    _answered = 0

    def listen(
        self, on_reply: Callable[[tuple[int, int]], object], on_key: Callable[[], object]
    ) -> None:
        """Call these when the terminal says where its cursor is (row and column, from 0), in the
        app's loop, and when a key was pressed, in the thread that reads keys."""
        self._on_reply, self._on_key = on_reply, on_key

    def ask(self) -> None:
        """Ask the terminal where its cursor is: it answers once it has shown what was written."""
        self._asked += 1
        self.write(QUERY)

    def run_input_thread(self) -> None:
        """Textual's, but for two things: Esc is told as soon as it is known to be no more than
        that, where Textual looks ten times a second; and replies, which are most of what comes, do
        not go through the parser."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        wait = POLL_SECONDS
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not selector.select(wait):
                    for message in parser.tick():
                        self.process_message(message)
                    wait = POLL_SECONDS
                elif not (data := os.read(self.fileno, CHUNK)):
                    self.exit_event.wait(POLL_SECONDS)  # nobody is there any more
                elif wait == POLL_SECONDS and REPLIES.fullmatch(data):
                    for row, column in REPLY.findall(data):
                        self._reply(int(row) - 1, int(column) - 1)
                else:
                    wait = _waited_for(data)
                    # Of half a character there is no text yet, which the parser takes for the end.
                    if text := decode(data):
                        for message in parser.feed(text):
                            self.process_message(message)
        with contextlib.suppress(EOFError, ParseError):
            list(parser.feed(""))

    def _reply(self, row: int, column: int) -> None:
        self._answered += 1
        if self._on_reply is not None:
            self._loop.call_soon_threadsafe(self._on_reply, (row, column))

    def process_message(self, message: Message) -> None:
        """From the thread that reads keys."""
        if isinstance(message, events.CursorPosition):
            self._reply(message.y, message.x)
            return
        if self._on_key is not None and isinstance(message, events.Key | events.MouseDown):
            self._on_key()
        super().process_message(message)

    def _hear_out(self, deadline: float) -> None:
        """Wait for the replies that are still to come: the shell would take them for typing."""
        while 0 < self._answered < self._asked and time.monotonic() < deadline:
            time.sleep(0.002)  # at the end of the program only: nothing else is to be done
        self._asked = self._answered  # waited for once

    @property
    def pending(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self.output.pending if self.output is not None else 0

    def write(self, data: str) -> None:
        """Textual's way out."""
        if self.output is None:
            self.output = TerminalOutput(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        self.output.write(data)

    def take_torn(self) -> bool:
        """Whether the screen must be painted whole; asked once."""
        output = self.output
        torn = output is not None and output.torn
        if output is not None:
            output.torn = False
        return torn

    def leave_dead_input(self) -> None:
        """A keyboard that has hung up reads as empty for ever: stop asking it."""
        if self.input_tty and not os.isatty(self.fileno):
            self.exit_event.set()

    def _sigtstp_application(self, *arguments: object) -> None:
        self._suspended = True
        super()._sigtstp_application(*arguments)

    def _sigcont_application(self, *arguments: object) -> None:
        # The kernel sends SIGCONT with a hangup too: what was not suspended is not resumed, or it
        # would have two threads for its keys.
        if self._suspended:
            self._suspended = False
            super()._sigcont_application(*arguments)
        elif self.output is not None:
            self.output.torn = True

    def disable_input(self) -> None:
        """From here on nobody reads what the terminal says."""
        self._hear_out(time.monotonic() + REPLY_SECONDS)
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Put the terminal back, if it is read; a suspended app does this too."""
        super().stop_application_mode()
        if self.output is not None and not self.output.drain(0.5):
            self.put_back(time.monotonic() + 0.2)

    def put_back(self, deadline: float, words: str = "") -> None:
        """Put the terminal back at once, dropping what waits; for a signal's handler."""
        if self.output is not None:
            self.output.restore(RESTORE + words, deadline)
        self._hear_out(deadline)
        if self.attrs_before is not None:
            try:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            except termios.error:
                return

    def close(self) -> None:
        """Textual's last call."""
        super().close()
        if self.output is not None:
            self.output.close()
            self.output = None
