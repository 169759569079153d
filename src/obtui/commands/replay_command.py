"""`obtui replay`: a recording on the screen, or through the same program without one."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from typing import TYPE_CHECKING, ClassVar, TypeVar

from obtui import exits, replay_books
from obtui.commands import plain_command
from obtui.config import UsageError
from obtui.feeds.base import LATEST
from obtui.recording.book_lines import BookLinesFeed
from obtui.recording.formats import feed_of
from obtui.recording.index import Index, open_index
from obtui.recording.opening import RecordingError
from obtui.recording.raw import Stop, Stopped, shown
from obtui.recording.reader import Recording, RecordingUnreadable
from obtui.screen import Stage, check_terminal, prepare
from obtui.session import Session
from obtui.shared import Market

if TYPE_CHECKING:
    from obtui.replay import Player

PROGRESS_BYTES = 64 << 20
"""Below it an index is made before anybody could read a progress line."""
PATIENCE_SECONDS = 0.5
"""So long a first line is waited for without a screen: what cannot be replayed is said there."""
POLL_SECONDS = 0.1


def run(arguments: argparse.Namespace, started: float) -> int:
    """Returns the exit code; the command `started` by the monotonic clock."""
    try:
        deadline = plain_command.deadline_of(arguments, started)
        if arguments.plain:
            return _tell(arguments, deadline)
        if arguments.no_screen:
            return replay_books.run(arguments)
        return _show(arguments)
    except (UsageError, RecordingError, RecordingUnreadable) as error:
        return exits.fail(str(error), exits.USAGE)


def _show(arguments: argparse.Namespace) -> int:
    if arguments.record:
        raise UsageError("--record goes with --no-screen: a replay on screen is not recorded")
    stdin = _keyboard_to_stdin() if "-" in arguments.files else 0
    check_terminal("write its books: obtui replay FILE --no-screen --record OUT")
    prepare()
    stage = Stage(lambda _timeout: ())
    stage.catch_signals()
    opening = _Opening(arguments, stdin)
    recording = opening.within(PATIENCE_SECONDS)
    index = _index_of(recording) if recording else None

    from obtui.looks import Look
    from obtui.replay_app import ReplayApp

    market, player = _playing(opening, recording, index, Market)
    app = ReplayApp(market, player, Look.of(vars(arguments)))
    code = stage.show(app, mouse=arguments.mouse)
    failure = player.view().failure
    return exits.fail(failure, code) if player.unlisted else code


def _tell(arguments: argparse.Namespace, deadline: float | None) -> int:
    """Without a screen, a line a second."""
    for option, given in (("--record", arguments.record), ("--no-screen", arguments.no_screen)):
        if given:
            raise UsageError(f"--plain and {option} do not go together: leave one out")
    from obtui import plain_replay

    opening = _Opening(arguments, 0)
    recording = opening.within(PATIENCE_SECONDS)
    market, player = _playing(opening, recording, None, plain_replay.ToldMarket)
    return plain_replay.replay(player, market, ends=not arguments.follow, deadline=deadline)


Kind = TypeVar("Kind", bound=Market)


def _playing(
    opening: _Opening, recording: Recording | None, index: Index | None, kind: type[Kind]
) -> tuple[Kind, Player]:
    """A market of that kind, and what plays into it: the recording, or what is still to come."""
    from obtui.replay import Player
    from obtui.track import Track

    arguments = opening.arguments

    def session() -> Session:
        header = opening.recording.header
        return Session(feed_of(header), header.instrument)

    def come(stop: Stop) -> Track:
        late = opening.wait(stop)
        return Track(late, open_index(late) if late.seekable else None, grows=arguments.follow)

    track = Track(recording, index, grows=arguments.follow) if recording else come
    market = kind(session() if recording else _empty(arguments.files[0]))
    player = Player(track, market, lambda: Market(session()), speed=arguments.speed)
    if arguments.follow:
        player.seek(LATEST)  # the present is what is followed; what was before it can be gone to
    return market, player


class _Opening:
    """The recording being opened, which for a pipe, and for what is followed, may take for ever."""

    def __init__(self, arguments: argparse.Namespace, stdin: int) -> None:
        self.recording: Recording
        """Once it is there."""
        self.arguments = arguments
        self._stdin = stdin
        self._error: Exception | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="opening", daemon=True)
        self._thread.start()

    def within(self, seconds: float) -> Recording | None:
        """The recording, if it is there so soon; raises what opening it raises."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            return None
        if self._error is not None:
            raise self._error
        return self.recording

    def wait(self, stop: Stop) -> Recording:
        """The recording; raises `Stopped` when told to stop, and what opening it raises."""
        while (recording := self.within(POLL_SECONDS)) is None:
            if stop():
                self._stopped.set()
                raise Stopped
        return recording

    def _run(self) -> None:
        try:
            self.recording = replay_books.open_asked(
                self.arguments, self._stdin, self._stopped.is_set
            )
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error


class _NotYet(BookLinesFeed):
    """The place of a feed, until it is known which one it is."""

    name: ClassVar[str] = ""


def _empty(path: str) -> Session:
    """Of which nothing is known but the name of its recording."""
    session = Session(_NotYet(shown(os.path.basename(path))))
    session.reason = "waiting for the first line"
    return session


def _index_of(recording: Recording) -> Index | None:
    """Made once, with a progress line, of what is there by now; a pipe has none."""
    if not recording.seekable:
        return None
    showing = False

    def told(done: int, whole: int) -> None:
        nonlocal showing
        if whole > PROGRESS_BYTES and sys.stderr.isatty():
            showing = True
            exits.say(f"\robtui: making the index, once: {done / max(1, whole):4.0%}\x1b[K")

    index = open_index(recording, told)
    if showing:
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
