"""Closing a recording: in time, from anywhere, and streams, which may never be read."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording_doubles import (
    PATIENCE,
    HeldDisk,
    Line,
    LineWriter,
    WatchedDisk,
    fail_after,
    put_all,
    run_python,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.jsonl"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read_end, write_end = os.pipe()
    yield read_end, write_end
    for fd in (read_end, write_end):
        try:
            os.close(fd)
        except OSError:
            assert fd == read_end, "only the reader's end is closed by a test"


# Streams


def test_a_pipe_gets_the_lines(pipe: tuple[int, int]) -> None:
    writer = LineWriter.open("-", stdout=pipe[1])

    put_all(writer, "one", "two")
    got = b""
    while len(got) < 8:
        got += os.read(pipe[0], 100)
    status = writer.close()

    assert got == b"one\ntwo\n"
    assert (status.failed, status.last_fsync, status.path) == (None, None, "-")
    os.write(pipe[1], b"still open")


def test_a_pipe_takes_more_than_it_holds_while_it_is_read(pipe: tuple[int, int]) -> None:
    writer = LineWriter.open("-", stdout=pipe[1])
    lines = [str(n) * 50 for n in range(5000)]
    got: list[bytes] = []

    def read() -> None:
        while sum(map(len, got)) < sum(len(line) + 1 for line in lines):
            got.append(os.read(pipe[0], 65536))

    reader = threading.Thread(target=read)
    reader.start()
    put_all(writer, *lines)
    reader.join(PATIENCE)
    status = writer.close()

    assert b"".join(got).decode().splitlines() == lines
    assert status.lost == 0


def test_a_gone_reader_is_told(pipe: tuple[int, int]) -> None:
    writer = LineWriter.open("-", stdout=pipe[1])

    os.close(pipe[0])
    put_all(writer, "a")
    status = writer.close()

    assert status.broken_pipe
    assert status.failed == "nobody reads it any more: Broken pipe (standard output)"
    assert status.lost == 1


def test_a_stalled_pipe_is_closed_in_time_and_the_loss_counted(pipe: tuple[int, int]) -> None:
    writer = LineWriter.open("-", stdout=pipe[1])

    put_all(writer, *("x" * 999 for _ in range(300)))
    status = writer.close(timeout=0.2)
    taken = writer.put(Line("late"))
    again = writer.close(timeout=PATIENCE)
    for thread in threading.enumerate():
        if thread.name == "recorder":
            thread.join(PATIENCE)
            assert not thread.is_alive(), "it does not wait for the reader for ever"
    os.set_blocking(pipe[0], False)
    read = os.read(pipe[0], 1_000_000)

    assert status.failed == "not all was taken within 0.2 s (standard output)"
    assert status.items_written + status.lost == 300
    assert status.lost > 200
    assert not taken
    assert again.failed == status.failed
    assert len(read) == again.bytes_written


def test_a_named_pipe_is_written_without_lock_or_sync(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    writer = LineWriter.open(str(fifo))
    put_all(writer, "a")
    status = writer.close()
    got = os.read(reader, 100)
    end = os.read(reader, 100)
    os.close(reader)

    assert (got, end) == (b"a\n", b"")
    assert (status.failed, status.last_fsync) == (None, None)
    assert fifo.exists()


def test_standard_output_into_a_file_is_kept_whole_too(path: Path) -> None:
    disk = WatchedDisk()
    disk.fail_write = fail_after(6, errno.ENOSPC)
    path.write_bytes(b"")
    fd = os.open(path, os.O_WRONLY)

    os.write(fd, b"title\n")
    writer = LineWriter.open("-", stdout=fd, disk=disk)
    put_all(writer, "abc", "defg")
    status = writer.close()
    os.write(fd, b"after\n")
    os.close(fd)

    assert path.read_bytes() == b"title\nabc\nafter\n"
    assert status.items_written == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_device_as_standard_output(tmp_path: Path) -> None:
    code = """
        import sys
        from obtui.recording.books import BookRecorder
        from obtui.book import OrderBook
        recorder = BookRecorder.open("-")
        recorder.on_book(OrderBook(), 1)
        sys.stderr.write(f"{recorder.close().failed}")
    """
    errors = tmp_path / "errors"

    with open("/dev/full", "w") as full, errors.open("w") as stderr:
        run_python(code, stdout=full.fileno(), stderr=stderr.fileno())

    assert errors.read_text() == "disk full: No space left on device (standard output)"


# Closing


def test_after_a_close_all_is_dropped_and_a_close_changes_nothing(path: Path) -> None:
    writer = LineWriter.open(str(path))

    put_all(writer, "a")
    writer.close()
    taken = [writer.put(Line("b")), writer.put_over(Line("c"))]
    status = writer.close()

    assert taken == [False, False]
    assert path.read_text() == "a\n"
    assert (status.dropped, status.items_written, status.failed) == (1, 1, None)


def test_a_hung_disk_is_left_in_time_and_not_written_after(path: Path) -> None:
    disk = HeldDisk()
    disk.fail_write = lambda data: min(len(data), 5)
    writer = LineWriter.open(str(path), disk=disk)

    put_all(writer, "ab", "cd", "ef")
    status = writer.close(timeout=0.1)
    lost = status.lost
    disk.let_go.set()
    while path.stat().st_size != 3:
        disk.did.get(timeout=PATIENCE)
        writer.close(timeout=PATIENCE)

    assert lost == 3
    assert status.failed == f"not all was taken within 0.1 s ({path})"
    assert path.read_bytes() == b"ab\n", "the torn line is cut off again"
    assert writer.status().lost == 2


def test_close_from_a_signal_handler_while_the_main_thread_puts(tmp_path: Path) -> None:
    # In a process of its own: a coverage tracer holds a lock of its own at every new line, which
    # a handler that waits for a traced thread cannot be interrupted under.
    code = """
        import signal, sys
        from obtui.recording.files import Disk
        from obtui.recording.sinks import open_sink
        from obtui.recording.writer import Writer
        class Line:
            def encode(self): return b"x\\n"
        for n in range(100):
            writer = Writer(open_sink(sys.argv[1] + f"/{n}", disk=Disk()), Line.encode)
            closed = []
            signal.signal(signal.SIGALRM, lambda signum, frame: closed.append(writer.close()))
            signal.setitimer(signal.ITIMER_REAL, 0.000_1 + 0.000_01 * n)
            taken = 0
            while not closed:
                taken += writer.backlog.put(Line(), 2)
                writer.status()
            status = writer.close()
            assert status.failed is None, status
            assert taken == status.items_written + status.lost, (taken, status)
            assert status.lost <= 1, "only the one whose put was interrupted"
        print("done")
    """

    ran = run_python(code, str(tmp_path))

    assert (ran.stdout, ran.stderr) == ("done\n", "")


def test_close_at_any_step_of_put_status_and_close_returns(tmp_path: Path) -> None:
    # What a signal handler can do at some steps, tried at each: in a process of its own, because
    # what is tested for would hang it.
    code = """
        import sys, threading
        from obtui.recording import backlog, writer as module
        from obtui.recording.files import Disk
        from obtui.recording.sinks import open_sink
        files = (module.__file__, backlog.__file__, threading.__file__)
        class Line:
            def encode(self): return b"x\\n"
        class Steps:
            def __init__(self, at, act): self.left, self.act = at, act
            def __call__(self, frame, event, arg):
                if frame.f_code.co_filename not in files: return None
                frame.f_trace_opcodes = True
                if event == "opcode":
                    self.left -= 1
                    if self.left == 0:
                        sys.settrace(None)
                        self.act()
                return self
        def use(writer):
            writer.backlog.put(Line(), 2); writer.backlog.put_over(Line(), 2)
            writer.status(); writer.close(20)
        at, bad = 0, []
        while True:
            at += 1
            sink = open_sink(sys.argv[1] + f"/{at}", disk=Disk())
            writer = module.Writer(sink, Line.encode, at_end=lambda last: [Line()])
            seen = []
            def on_signal():
                writer.backlog.put(Line(), 2)
                seen.append(writer.close(5))
            steps = Steps(at, on_signal)
            sys.settrace(steps)
            use(writer)
            sys.settrace(None)
            status = writer.close(5)
            if not seen: break
            if seen[0].failed or status.failed or status.waiting: bad.append((at, seen, status))
            text = open(sys.argv[1] + f"/{at}").read()
            if text != "x\\n" * status.items_written: bad.append((at, text))
        print(at, bad)
    """

    done = run_python(code, str(tmp_path))

    steps, bad = done.stdout.split(maxsplit=1)
    assert int(steps) > 100
    assert bad == "[]\n"
