"""`obtui replay --plain`: each second of a recording, as it stood then."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from obtui import cli, exits, plain, plain_replay
from obtui.frame import Disconnect, End, Frame, Gap
from obtui.plain_replay import ToldMarket
from obtui.recording.formats import feed_of
from obtui.replay import Player
from obtui.session import Session
from obtui.shared import Market
from plain_support import standard_output
from replay_support import HEADER, append, hold, leave, segmented, track
from support import wire
from support.captures import incoming
from support.frames import WALL_NS, at, wall
from support.recordings import ASKS, BIDS, control, header, lines, message, opened, put
from terminal_support import PYTHON, environment

SECOND = 1_000_000_000


def fresh() -> Session:
    return Session(feed_of(HEADER))


def told_of(frames: Sequence[Frame]) -> list[str]:
    """What a market says that is fed these, and then is at its end."""
    market = ToldMarket(fresh())
    for frame in frames:
        market.apply(frame)
    market.finish()
    return market.take()


def stood(frames: Sequence[Frame], second: int) -> str:
    """The line of a second, by a market that is fed what came before it, and no more."""
    market = Market(fresh())
    before = [frame for frame in frames if frame.received_ns < second * SECOND]
    for frame in before:
        market.apply(frame)
    since = second * SECOND - before[-1].received_ns
    return plain.line(market.view(1, before[-1].monotonic_ns + since, 1), second * SECOND)


def trading(chosen: random.Random, gaps: Sequence[float], most: float) -> Iterator[Frame]:
    """A run with everything that may come."""
    yield header(0.25)
    seconds, last = 0.3, 100
    yield opened(seconds)
    yield message(wire.depth(last, BIDS, ASKS), seconds)
    while seconds < most:
        seconds += chosen.choice(gaps)
        kind = chosen.randrange(12)
        if kind == 0:
            yield control(Disconnect("lost", 1.0), seconds)
            yield opened(seconds + 0.001)
            yield message(wire.depth(last, BIDS, ASKS), seconds + 0.002)
        elif kind == 1:
            yield control(Gap("STALE", "no word", False), seconds)
        elif kind == 2:
            yield message(wire.trade(f"{chosen.randrange(990, 1010) / 10}"), seconds)
        elif kind == 3:
            last += 10
            yield message(wire.depth(last, [("1", "1")], after=last - 1), seconds)  # a gap
            yield message(wire.depth(last, BIDS, ASKS), seconds + 0.001)
        else:
            size = f"{chosen.randrange(5)}"
            yield message(wire.depth(last + 1, [("100.5", size)], after=last), seconds)
            last += 1


@pytest.mark.parametrize("gaps", [(0.02, 0.1, 0.3), (0.2, 1.0, 5.5)], ids=["busy", "quiet"])
def test_every_second_is_as_a_market_stood_that_knows_no_later(gaps: tuple[float, ...]) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    frames = list(trading(random.Random(seed), gaps, 30.0))
    first, last = (frame.received_ns // SECOND for frame in (frames[0], frames[-1]))

    told = told_of(frames)

    assert told == [stood(frames, second) for second in range(first + 1, last + 1)]
    if gaps[0] < 0.1:
        assert len({line.split()[3] for line in told}) > 1, "so much comes that trust is lost"


def test_a_real_capture_is_told_second_by_second() -> None:
    texts = incoming("current-btcusd-31s")
    frames = [header(0.0), opened(0.0)]
    frames += [
        message(text.encode(), 0.5 + 10 * number / len(texts)) for number, text in enumerate(texts)
    ]

    told = told_of(frames)

    first, last = (frame.received_ns // SECOND for frame in (frames[0], frames[-1]))
    assert len(told) == last - first
    for second in random.Random(1).sample(range(first + 1, last + 1), 4):
        assert told[second - first - 1] == stood(frames, second)
    assert all(" VERIFIED bid " in line for line in told[1:])


def opening(seconds: float = 0.0) -> list[Frame]:
    book = message(wire.depth(100, BIDS, ASKS), seconds + 0.02)
    return [header(seconds), opened(seconds + 0.01), book]


def change(number: int, seconds: float) -> Frame:
    update = wire.depth(100 + number, [("100.25", f"{number}")], after=99 + number)
    return message(update, seconds)


def seconds_of(told: Sequence[str]) -> list[str]:
    return [line.split()[0][-6:-1] for line in told]


def test_a_hole_is_not_filled_with_what_nobody_saw() -> None:
    told = told_of([*opening(), change(1, 2.5), change(2, 70.5), change(3, 71.5)])

    # The clock of these tests starts at 22:13:20.
    assert seconds_of(told) == ["13:21", "13:22", "14:31"]


def test_a_clock_that_is_set_back_begins_anew() -> None:
    before = [*opening(), change(1, 2.5)]
    after = [
        Frame(it.kind, it.data, it.received_ns - 3600 * SECOND, it.monotonic_ns, it.connection)
        for it in (change(2, 3.5), change(3, 4.5))
    ]

    assert seconds_of(told_of([*before, *after])) == ["13:21", "13:22", "13:24"]


def test_less_than_a_second_is_told_by_how_it_ended() -> None:
    told = told_of([*opening(0.1), change(1, 0.4), control(End("stopped"), 0.5)])

    assert len(told) == 1
    assert told[0].startswith("2023-11-14T22:13:20Z gemini BTCUSD VERIFIED bid 1@100.25 ")


def test_another_run_begins_anew() -> None:
    frames = [*opening(0.1), control(End("stopped"), 0.5), *opening(30.1), change(1, 31.2)]

    assert seconds_of(told_of(frames)) == ["13:20", "13:51"]


def test_a_further_segment_goes_on() -> None:
    frames = [*opening(0.1), change(1, 0.9)]
    session = fresh()
    for frame in frames:
        session.receive(frame)
    segment = header(1.5, segment=1)

    assert seconds_of(told_of([*frames, segment, change(2, 2.5)])) == ["13:21", "13:22"]


def test_time_that_passes_without_a_frame_is_told_a_little_later() -> None:
    market = ToldMarket(fresh())
    market.pass_time(WALL_NS, 0)
    assert market.take() == [], "nothing came yet"
    for frame in opening():
        market.apply(frame)

    last = wall(0.02), at(0.02)
    market.pass_time(last[0], at(1.1))
    assert market.take() == [], "a frame of that second may still come"
    market.pass_time(last[0], at(1.25))
    market.pass_time(last[0], at(3.25))

    assert seconds_of(market.take()) == ["13:21", "13:22", "13:23"]


def test_another_moment_is_told_from_there_on() -> None:
    market = ToldMarket(fresh())
    other = Market(fresh())
    for frame in opening(600.0):
        other.apply(frame)
    market.adopt(other)

    market.pass_time(wall(600.02), at(600.02))
    market.pass_time(wall(600.02), at(602.3))

    told = market.take()
    assert seconds_of(told) == ["23:21", "23:22"]
    assert all(" VERIFIED " in line for line in told)


# The command


def recording(path: Path, *more: Frame) -> str:
    frames = [*opening(), *[change(number, number * 0.3) for number in range(1, 12)], *more]
    return put(path, lines(frames))


EXPECTED = ["13:21", "13:22", "13:23"]


def test_a_recording_is_told_at_any_speed(tmp_path: Path) -> None:
    path = recording(tmp_path / "c.jsonl", control(End("stopped"), 3.5))
    told = []
    for speed in ("max", "50"):
        with standard_output() as reader:
            code = cli.main(["replay", path, "--plain", "--speed", speed])
        assert code == exits.DONE
        told.append(reader.lines)

    assert told[0] == told[1]
    assert seconds_of(told[0]) == EXPECTED
    assert " VERIFIED bid 3@100.25 ask 1@101.00 " in told[0][0]
    assert not (tmp_path / "c.jsonl.idx").exists(), "it needs no index"


def test_one_that_breaks_off_is_told_and_is_a_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    frames = [*opening(), *[change(number, number * 0.3) for number in range(1, 12)]]
    playing = track(tmp_path, segmented(frames, 2), parts=2, index=False)
    (tmp_path / "c-000001.jsonl").unlink()
    market = ToldMarket(fresh())
    player = Player(playing, market, lambda: Market(fresh()), speed=float("inf"))
    with standard_output() as reader:
        code = plain_replay.replay(player, market, ends=True, deadline=None)

    assert code == exits.FAILED
    assert seconds_of(reader.lines) == EXPECTED[:1]
    said = capfd.readouterr().err
    assert said.startswith("obtui: cannot read ")
    assert said.count("\n") == 1


def test_what_could_not_be_read_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = Path(recording(tmp_path / "c.jsonl"))
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*whole[:-3], b'{"k": "what is this"}\n', *whole[-3:]]))
    with standard_output() as reader:
        code = cli.main(["replay", str(path), "--plain", "--speed", "max"])

    assert code == exits.DONE
    assert seconds_of(reader.lines) == EXPECTED
    said = capfd.readouterr().err
    assert said.startswith("obtui: 1 place could not be read")
    assert said.count("\n") == 1


def test_what_is_not_there_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", "/not/there", "--plain"]) == exits.USAGE
    assert capfd.readouterr().err.count("\n") == 1


def test_a_pipe_is_told(tmp_path: Path) -> None:
    path = recording(tmp_path / "c.jsonl")
    result = subprocess.run(
        [*PYTHON, "replay", "-", "--plain", "--speed", "max"],
        input=Path(path).read_bytes(),
        capture_output=True,
        check=False,
        env=environment(),
        timeout=30,
    )

    assert result.returncode == 0, result.stderr
    assert seconds_of(result.stdout.decode().splitlines()) == EXPECTED


def test_one_that_is_being_written_is_told_as_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    now = time.time_ns()
    shift = now - now % SECOND - wall(3.0) - 1  # the recording's time is now
    late = [
        Frame(it.kind, it.data, it.received_ns + shift, it.monotonic_ns, it.connection)
        for it in (*opening(), *[change(number, number * 0.3) for number in range(1, 14)])
    ]
    path.write_bytes(lines(late[:8]))
    hold(path)
    try:
        grown = threading.Timer(0.4, append(path, late[8:]))
        grown.start()
        with standard_output() as reader:
            code = cli.main(
                ["replay", str(path), "--plain", "--follow", "--speed", "max", "--duration", "2.2"]
            )
        grown.join()
    finally:
        leave(path)

    assert code == exits.DONE
    assert [line.split()[3] for line in reader.lines[:2]] == ["VERIFIED", "VERIFIED"]
    assert reader.lines[-1].split()[5] == "13@100.25"


def test_who_takes_no_lines_stops_the_playing() -> None:
    market = ToldMarket(fresh())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("obtui.plain_replay.WAITING_LINES", 3)
        frames = [*opening(), *[change(number, float(number)) for number in range(1, 12)]]
        playing = threading.Thread(target=lambda: [market.apply(it) for it in frames])
        playing.start()
        playing.join(0.2)
        waited = playing.is_alive()
        early = market.take()
        market.closed = True
        playing.join(10)

    assert waited
    assert len(early) == 4
    assert not playing.is_alive()
