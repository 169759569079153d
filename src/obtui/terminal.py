"""The terminal as obtui writes to it: never waiting for it.

Textual writes through a queue of 30 with a blocking put, so that its event loop stands still 1.6 s
after a terminal is no longer read (a stalled SSH link, Ctrl-S, a frozen tmux client). Here what
the terminal does not take at once waits in memory, and a thread of our own gives it to the terminal
as it is taken; the app sees what is `pending` and paints no new frame while there is any. What is
written to is a file description of our own that does not block, so that a signal's handler can
always throw away what waits and put the terminal back.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

CHUNK = 1 << 14
MOST_WAITING = 256 << 10
"""Bytes that may wait: past it the old is dropped, and the app paints the present anew."""
POLL_SECONDS = 0.1
QUERY = "\x1b[6n"
"""Where is the cursor? Nearly all terminals answer it, tmux too; the answer is no key."""
REPLY_SECONDS = 0.5
"""For so long the replies that are still to come are waited for at the end."""
# Cancels a half-sent sequence, then undoes all that the driver switched on, in its order.
RESTORE: Final = (
    "\x18\x1b[m\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


class TerminalOutput:
    """Bytes on their way to the terminal, in order; a thread gives over what has to wait."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self._owned = False
        try:
            # O_NONBLOCK belongs to the open file: set on stderr it would strike the shell too.
            self._fileno = os.open(
                os.ttyname(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
            )
            self._owned = True
        except OSError:
            pass  # no name for it here (some containers): writes may block, in our thread only
        self._begun: bytes | None = None
        """The rest of a write of which the terminal has taken a part: never dropped."""
        self._waiting: deque[bytes] = deque()
        # Two counters, each with one writer: what is between them waits.
        self._written = 0
        self._taken = 0
        self._wake = threading.Event()
        self._closed = False
        self.torn = False
        """Whether something was dropped, so that what the terminal shows is not what it should."""
        self._thread = threading.Thread(target=self._run, name="obtui-output", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._written - self._taken

    def write(self, text: str) -> None:
        """Queue text; never blocks."""
        data = text.encode("utf-8", "replace")
        if not data or self._closed:
            return
        if self.pending > MOST_WAITING:
            self._drop()
        if self._owned and not self.pending:
            # Mostly all of it is taken now: a thread's turn costs more than the write, and comes
            # late while others are busy.
            try:
                taken = os.write(self._fileno, data[:CHUNK])
            except BlockingIOError:
                taken = 0
            except OSError:
                return  # the terminal is gone
            if taken == len(data):
                return
            if taken:
                self._begun = data[taken:]
                self._written += len(data) - taken
                self._wake.set()
                return
        self._waiting.append(data)
        self._written += len(data)
        self._wake.set()

    def _drop(self) -> None:
        """Forget what waits, whole writes only: each is a complete sequence of its own."""
        self.torn = True
        with contextlib.suppress(IndexError):
            while True:
                self._written -= len(self._waiting.pop())

    def drain(self, timeout: float) -> bool:
        """Wait until the terminal has taken everything; False if it did not in `timeout` s."""
        deadline = time.monotonic() + timeout
        while self.pending and time.monotonic() < deadline:
            time.sleep(0.002)  # at the end of the program only: nothing else is to be done
        return not self.pending

    def close(self) -> None:
        """End the thread; what the terminal has not taken by now is dropped."""
        self._closed = True
        self._wake.set()
        self._thread.join(1.0)
        if self._owned and not self._thread.is_alive():
            self._owned = False
            os.close(self._fileno)

    def restore(self, text: str, deadline: float) -> None:
        """Drop what waits and write this instead, by `deadline` on the monotonic clock.

        For a signal's handler: it takes no lock. What the kernel still holds for a terminal that
        is not read is thrown away, or there would be no room for this.
        """
        self._closed = True
        data = text.encode()
        while data and time.monotonic() < deadline:
            try:
                termios.tcflush(self._fileno, termios.TCOFLUSH)
                # The thread ends at its next look; until then it may be writing, before us.
                self._thread.join(0.02)
                data = data[os.write(self._fileno, data) :]
            except BlockingIOError:
                continue
            except (OSError, termios.error):
                return  # there is no terminal any more

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            begun, self._begun = self._begun, None
            if begun is not None:
                self._give(begun)
            while self._waiting and not self._closed:
                self._give(self._waiting.popleft())

    def _give(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self._closed:
            try:
                ready = select.select([], [self._fileno], [], POLL_SECONDS)[1]
                # Asked again after the wait: what a handler has put back must not be painted over.
                if not ready or self._closed:
                    continue
                taken = os.write(self._fileno, view[:CHUNK])
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                taken = len(view)  # the terminal is gone; the feed and the recording are not
            view = view[taken:]
            self._taken += taken


class TerminalDriver(LinuxDriver):
    """Textual's driver with output that never blocks the event loop, and replies that are heard."""

    output: TerminalOutput | None = None
    _suspended = False
    _on_reply: Callable[[], object] | None = None
    _on_key: Callable[[], object] | None = None
    # Two counters, each with one writer: what is between them is still to come.
    _asked = 0
    _answered = 0

    def listen(self, on_reply: Callable[[], object], on_key: Callable[[], object]) -> None:
        """Call these when the terminal says where its cursor is, in the app's loop, and when a key
        was pressed, in the thread that reads keys."""
        self._on_reply, self._on_key = on_reply, on_key

    def ask(self) -> None:
        """Ask the terminal where its cursor is: it answers once it has shown what was written."""
        self._asked += 1
        self.write(QUERY)

    def process_message(self, message: Message) -> None:
        """From the thread that reads keys."""
        if isinstance(message, events.CursorPosition):
            self._answered += 1
            if self._on_reply is not None:
                self._loop.call_soon_threadsafe(self._on_reply)
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
