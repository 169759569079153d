"""`obtui replay`: a recording on the screen, or through the same program without one."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time

import msgspec

from obtui import exits
from obtui.config import UsageError
from obtui.frame import Frame, FrameKind, Header
from obtui.recording.books import BookRecorder
from obtui.recording.follow import open_growing
from obtui.recording.formats import feed_of
from obtui.recording.index import Index, open_index
from obtui.recording.opening import RecordingError
from obtui.recording.reader import Recording, RecordingUnreadable, open_recording
from obtui.screen import Stage, check_terminal, prepare
from obtui.session import Session
from obtui.shared import Listeners, Market

WAITING_LINES = 20_000
"""Book lines that may wait for the disk before a replay without a screen waits for it too."""
PROGRESS_BYTES = 64 << 20
"""Below it an index is made before anybody could read a progress line."""


class NotRecorded:
    """What the screen of a replay knows of recording: that there is none."""

    active = False
    failed = False
    saved: tuple[str, ...] = ()

    def words(self) -> str:
        """For the status line."""
        return "a replay: nothing is recorded"

    def toggle(self) -> str:
        """A refusal."""
        return "a replay is not recorded: obtui replay FILE --no-screen --record OUT writes books"


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code."""
    try:
        if arguments.no_screen:
            return _write_books(arguments)
        return _show(arguments)
    except (UsageError, RecordingError, RecordingUnreadable) as error:
        return exits.fail(str(error), exits.USAGE)


def _write_books(arguments: argparse.Namespace) -> int:
    """As fast as it goes; the lines are those of the live session, with the recording's times."""
    if not arguments.record:
        raise UsageError("--no-screen shows nothing: give --record FILE to write the books to")
    recording = open_recording(arguments.files)
    market = Market(Session(feed_of(recording.header)))
    now_ns = recording.segments[0].first_ns
    recorder = BookRecorder.open(arguments.record, arguments.depth, now_ns=lambda: now_ns)
    market.listeners = Listeners(books=recorder)
    try:
        for number, located in enumerate(recording.frames()):
            now_ns = located.frame.received_ns
            if number and _begins_run(located.frame):
                recorder.begin_run(now_ns)
            market.apply(located.frame)
            while recorder.status().waiting > WAITING_LINES and recorder.status().open:
                time.sleep(0.005)  # nothing may be dropped: a file can wait for the disk
    finally:
        status = recorder.close(timeout=60.0)
    if status.failed:
        return exits.fail(status.failed)
    exits.say(f"obtui: wrote {recorder.lines} book lines to {arguments.record}\n")
    return exits.DONE


def _begins_run(frame: Frame) -> bool:
    """Whether a recorder was started anew here: it appended to its book lines then."""
    if frame.kind is not FrameKind.HEADER:
        return False
    return msgspec.json.decode(frame.data, type=Header).segment == 0


def _show(arguments: argparse.Namespace) -> int:
    if arguments.record:
        raise UsageError("--record goes with --no-screen: a replay on screen is not recorded")
    stdin = _keyboard_to_stdin() if "-" in arguments.files else 0
    check_terminal("write its books: obtui replay FILE --no-screen --record OUT")
    prepare(arguments.fps)
    stage = Stage(lambda _timeout: ())
    stage.catch_signals()
    recording = _open(arguments, stdin)
    if recording is None:
        return exits.DONE
    index = _index_of(recording, arguments)

    from obtui.replay import Player, Track
    from obtui.replay_app import ReplayApp

    def fresh() -> Market:
        return Market(Session(feed_of(recording.header)))

    market = fresh()
    player = Player(
        Track(recording, index, grows=arguments.follow), market, fresh, speed=arguments.speed
    )
    note = "top levels only" if recording.kind == "books" else ""
    app = ReplayApp(
        market, player, NotRecorded(), fps=arguments.fps, theme=arguments.theme, note=note
    )
    return stage.show(app, mouse=arguments.mouse)


def _open(arguments: argparse.Namespace, stdin: int) -> Recording | None:
    if not arguments.follow:
        return open_recording(arguments.files, stdin=stdin)
    if "-" in arguments.files:
        raise UsageError("--follow follows files: leave it out for a pipe")
    forever = threading.Event()
    return open_growing(arguments.files, stop=forever.is_set, wait=forever.wait)


def _index_of(recording: Recording, arguments: argparse.Namespace) -> Index | None:
    """Made once, with a progress line; a pipe and what still grows have none."""
    if arguments.follow or not recording.seekable:
        return None
    shown = False

    def told(done: int, whole: int) -> None:
        nonlocal shown
        if whole > PROGRESS_BYTES and sys.stderr.isatty():
            shown = True
            exits.say(f"\robtui: making the index, once: {done / max(1, whole):4.0%}\x1b[K")

    index = open_index(recording, told)
    if shown:
        exits.say("\r\x1b[K")
    return index


def _keyboard_to_stdin() -> int:
    """Textual reads keys from descriptor 0: what is piped there moves, and the terminal takes
    its place. Returns where the pipe is now."""
    data = os.dup(0)
    try:
        keyboard = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError("there is no terminal to read keys from: name a file") from error
    os.dup2(keyboard, 0)
    os.close(keyboard)
    return data
