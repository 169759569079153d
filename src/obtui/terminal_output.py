"""Bytes on their way to the terminal: never waiting for it.

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
import termios
import threading
import time
from collections import deque

CHUNK = 1 << 14
MOST_WAITING = 256 << 10
"""Bytes that may wait: past it the old is dropped, and the app paints the present anew."""
POLL_SECONDS = 0.1


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
            self._give_begun()
            while self._waiting and not self._closed:
                data = self._waiting.popleft()
                # Begun before this was put, perhaps since the last look.
                self._give_begun()
                self._give(data)

    def _give_begun(self) -> None:
        begun, self._begun = self._begun, None
        if begun is not None:
            self._give(begun)

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
