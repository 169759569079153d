"""`obtui doctor`: the terminal is asked, and is afterwards as it was."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from obtui import asking
from obtui.commands import doctor_command
from obtui.doctor import Answers
from terminal_support import PYTHON, Terminal, environment, terminal

HERE = "\x1b[7;1R"
MODES = "\x1b[?2026;2$y\x1b[?1006;2$y"


def left_unread(running: Terminal) -> int:
    """Bytes that wait to be read in the terminal after the command, lines or not."""
    there = os.open(f"/proc/{running.child.pid}/fd/0", os.O_RDWR | os.O_NOCTTY)
    try:
        return unread(there)
    finally:
        os.close(there)


def unread(terminal: int) -> int:
    """The same, of an open one, which no longer waits for lines then."""
    tty.setraw(terminal, termios.TCSANOW)
    count: int = struct.unpack("i", fcntl.ioctl(terminal, termios.FIONREAD, b"\0" * 4))[0]
    return count


def asked(running: Terminal, times: int) -> None:
    running.wait_until(lambda: running.raw.count(b"\x1b[6n") == times, "a question")


def test_what_a_terminal_answers_is_told(tmp_path: Path) -> None:
    with terminal(["doctor"], tmp_path, size=(120, 30)) as running:
        asked(running, 1)
        # Somebody types meanwhile, and the answer comes in two pieces.
        running.send("ls\n" + HERE[:3])
        running.send(HERE[3:])
        asked(running, 2)
        running.send(MODES + HERE)
        code = running.wait_for_exit()

        assert code == 0
        assert termios.tcgetattr(running.child.child_fd) == running.attributes
        assert left_unread(running) == 0
    assert "120×30" in running.text
    assert "256, by TERM=xterm-256color" in running.text
    shown = [line.split() for line in running.text.splitlines()]
    assert ["synchronized", "output", "yes"] in shown
    assert ["mouse", "yes"] in shown
    assert "ls" not in running.text


def test_a_terminal_that_says_nothing_is_told_in_time(tmp_path: Path) -> None:
    with terminal(["doctor", "--json"], tmp_path, size=(200, 100)) as running:
        asked(running, 1)
        code = running.wait_for_exit()

        assert code == 0
        assert termios.tcgetattr(running.child.child_fd) == running.attributes
    text = running.text[running.text.index("{") :]
    told = {it["what"]: it for it in json.loads(text)["findings"]}
    assert told["answers"]["found"] == "none within 500 ms"
    assert told["answers"]["limited"] is True
    assert told["synchronized output"]["found"] == "no answer"
    assert running.raw.count(b"\x1b[6n") == 1, "it is not asked a second time"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals, tmp_path: Path) -> None:
    with terminal(["doctor"], tmp_path) as running:
        asked(running, 1)
        running.signal(number)
        code = running.wait_for_exit()

        assert code == 128 + number
        assert termios.tcgetattr(running.child.child_fd) == running.attributes
    assert "TERM=" not in running.text


def test_ctrl_c_does_so_too(tmp_path: Path) -> None:
    with terminal(["doctor"], tmp_path) as running:
        asked(running, 1)
        running.send("\x03")

        assert running.wait_for_exit() == 128 + signal.SIGINT
        assert termios.tcgetattr(running.child.child_fd) == running.attributes


def test_a_terminal_that_hangs_up_is_no_crash(tmp_path: Path) -> None:
    with terminal(["doctor"], tmp_path) as running:
        asked(running, 1)
        running.hang_up()

        # It may come twice, by the kernel and by the shell: then it ends as any program does.
        assert running.wait_for_exit(reading=False) in {128 + signal.SIGHUP, -signal.SIGHUP}


def test_without_a_terminal_the_rest_is_told(tmp_path: Path) -> None:
    result = subprocess.run(
        [*PYTHON, "doctor", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        start_new_session=True,
        env=environment(XDG_STATE_HOME=str(tmp_path / "state"), HOME=str(tmp_path)),
        timeout=30,
    )

    assert result.returncode == 1
    assert result.stderr == b""
    told = json.loads(result.stdout)
    findings = {it["what"]: it for it in told["findings"]}
    assert told["screen"] is False
    assert findings["terminal"]["fatal"] is True
    assert findings["terminal"]["found"] == "stdin and stderr are not terminals"
    assert findings["answers"]["found"] == "not asked: there is no terminal"
    assert findings["state folder"]["found"] == str(tmp_path / "state" / "obtui")
    assert not (tmp_path / "state").exists(), "nothing is made"
    assert "textual" in findings["versions"]["found"]


def test_it_does_not_import_what_it_reports_on() -> None:
    check = (
        "import sys; from obtui import cli; from obtui.commands import doctor_command;"
        "doctor_command._versions();"
        "sys.exit(bool({'textual', 'rich', 'websockets'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_a_folder_is_judged_by_what_is_there(tmp_path: Path) -> None:
    shut, file = tmp_path / "shut", tmp_path / "file"
    shut.mkdir()
    file.write_text("")

    assert doctor_command._fault(str(tmp_path / "not" / "yet")) == ""
    assert doctor_command._fault(str(file / "below")) == f"cannot be made: {file} is no folder"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "access", lambda path, _mode: path != str(shut))
        assert doctor_command._fault(str(shut)) == "cannot be written"


# In this process, with a terminal of its own


@pytest.fixture
def pair() -> Iterator[tuple[int, int]]:
    """A terminal's two ends: who shows it, and the program."""
    shows, program = os.openpty()
    try:
        yield shows, program
    finally:
        os.close(shows)
        with contextlib.suppress(OSError):
            os.close(program)


@contextlib.contextmanager
def answering(shows: int, *answers: str) -> Iterator[None]:
    """Who shows it answers each question with the next of these."""

    def answer() -> None:
        heard = b""
        for number, text in enumerate(answers, 1):
            while heard.count(b"\x1b[6n") < number:
                heard += os.read(shows, 100)
            os.write(shows, text.encode())

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


def test_both_questions_are_heard(pair: tuple[int, int]) -> None:
    shows, program = pair
    with answering(shows, HERE, f"\x1b[?2026;0$y{HERE}"):
        heard = asking.ask(program)

    assert heard.cursor_ms is not None
    assert 0 < heard.cursor_ms < 500
    assert heard[1:] == (False, None), "it does not know the one and is silent on the other"


def test_an_answer_that_is_late_is_not_left_behind(
    pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shows, program = pair
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 0.02)
    monkeypatch.setattr(asking, "LATE_SECONDS", 10.0)
    wait = asking._Asking.wait_for_the_late

    answering = threading.Timer(0.05, os.write, (shows, HERE.encode()))

    def late(conversation: asking._Asking) -> None:
        answering.start()
        wait(conversation)

    monkeypatch.setattr(asking._Asking, "wait_for_the_late", late)
    before = termios.tcgetattr(program)
    started = time.monotonic()
    heard = asking.ask(program)

    assert heard == Answers()
    assert time.monotonic() - started < 5, "it goes on as soon as it is heard"
    assert termios.tcgetattr(program) == before
    answering.join()
    assert unread(program) == 0


def test_what_comes_behind_the_answers_is_not_left_behind(
    pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shows, program = pair
    judge = asking._mode

    def judged_late(heard: bytes, mode: int) -> bool | None:
        os.write(shows, b"x")
        assert select.select([program], [], [], 10)[0]
        return judge(heard, mode)

    monkeypatch.setattr(asking, "_mode", judged_late)
    with answering(shows, HERE, HERE):
        asking.ask(program)

    assert unread(program) == 0


def test_a_terminal_that_takes_nothing_holds_up_nothing(
    pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, program = pair
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 0.1)
    monkeypatch.setattr(asking, "LATE_SECONDS", 0.0)
    os.set_blocking(program, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(program, b"x" * 4096)
    os.set_blocking(program, True)
    before = termios.tcgetattr(program)

    assert asking.ask(program) == Answers()
    assert termios.tcgetattr(program) == before


def test_handlers_are_those_of_before(pair: tuple[int, int]) -> None:
    shows, program = pair
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP)
    before = [signal.getsignal(number) for number in numbers]
    with answering(shows, HERE, HERE):
        asking.ask(program)

    assert [signal.getsignal(number) for number in numbers] == before


def test_what_is_no_terminal_is_told(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, pytest.raises(termios.error):
        asking.ask(file.fileno())
