"""Captures that are torn or spoiled: what is left is read, and what is not is told."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import msgspec
import pytest

from obtui.frame import (
    BookCheckpoint,
    Disconnect,
    Frame,
    FrameKind,
    Gap,
    Header,
)
from obtui.recording.capture import encode_line
from obtui.recording.formats import feed_of
from obtui.recording.index import open_index
from obtui.recording.reader import Damage, RecordingUnreadable, open_recording
from obtui.recording.verify import Verifier
from obtui.session import Session
from support.recordings import control, header, lines, message, opened, pack, packed, put, run

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def read(path: Path) -> tuple[list[Frame], tuple[Damage, ...]]:
    recording = open_recording([str(path)])
    frames = [located.frame for located in recording.frames()]
    return frames, recording.damages


def cope(path: Path) -> tuple[int, str]:
    """Read, verify and index; how many frames there are, and how the file ends."""
    recording = open_recording([str(path)])
    verifier = Verifier(recording)
    count = 0
    for located in recording.frames():
        verifier.take(located)
        count += 1
    report = verifier.report()
    index = open_index(open_recording([str(path)]))
    index.close()
    assert index.frames == count == report.lines
    assert (report.files[0].tail == "torn") == ("1 torn end" in report.missing)
    return count, report.files[0].tail


LAST = message('{"note":"é€😀"}'.encode() + b"\xff", 9)


def test_plain_cut_anywhere_in_its_last_line_loses_that_line_alone(tmp_path: Path) -> None:
    before, last = lines(run(3)), encode_line(LAST)
    # As other programs may write it: not all that is beyond ASCII escaped.
    raw = last.replace(rb"\u00e9", "é".encode())
    path = tmp_path / "a.jsonl"

    for line in (last, raw):
        for cut in range(len(line) + 1):
            path.write_bytes(before + line[:cut])
            count, tail = cope(path)
            # Without its newline it is whole all the same.
            whole = cut >= len(line) - 1
            assert (count, tail) == (len(run(3)) + whole, "whole" if whole or not cut else "torn")


def test_gzip_cut_anywhere_in_its_last_line_loses_that_line_alone(tmp_path: Path) -> None:
    before, whole = pack("gz", run(3)), pack("gz", [*run(3), LAST])
    path = tmp_path / "a.gz"

    for cut in range(len(before) - 40, len(whole)):
        path.write_bytes(whole[:cut])
        count, tail = cope(path)
        assert len(run(3)) - 2 <= count <= len(run(3)) + 1
        assert tail == "torn"


def test_zstandard_cut_anywhere_in_its_last_frame_loses_that_frame_alone(tmp_path: Path) -> None:
    before = packed(run(3))
    whole = before + packed([LAST, LAST])
    path = tmp_path / "a.zst"

    for cut in range(len(before), len(whole)):
        path.write_bytes(whole[:cut])
        count, tail = cope(path)
        assert (count, tail) == (len(run(3)), "whole" if cut == len(before) else "torn")


def test_a_torn_zstandard_frame_spoils_nothing_that_was_appended(tmp_path: Path) -> None:
    one, two = packed(run(3), each=100), packed(run(5), each=100)
    path = tmp_path / "a.zst"

    for cut in range(len(one), 0, -1):
        path.write_bytes(one + one[:cut] + two)
        frames, damages = read(path)
        assert frames[-len(run(5)) :] == run(5), cut
        assert frames[: len(run(3))] == run(3), cut
        assert bool(damages) == (cut != len(one)), cut
        assert not any(damage.tail for damage in damages)


def test_half_a_line_in_a_torn_zstandard_frame_is_glued_to_nothing(tmp_path: Path) -> None:
    one, two = lines(run(3)), lines([LAST])
    compressor = zstd.ZstdCompressor()
    blocks = compressor.compress(one + two[:-9], compressor.FLUSH_BLOCK)
    path = tmp_path / "a.zst"
    path.write_bytes(blocks + packed(run(5)))

    frames, damages = read(path)

    assert frames == run(3) + run(5)
    assert [it.what for it in damages] == ["not a whole JSON object", "a torn zstandard frame"]


SPOILED = {
    "half a line": encode_line(message(b"x"))[:40],
    "NUL bytes": b"\0" * 5000,
    "cut UTF-8": b'{"k":"frame","t":1,"m":1,"c":1,"d":"\xc3',
    "no JSON": b"Segmentation fault",
    "nested": b"[" * 100_000,
    "no kind": b'{"k":"frames","t":1,"m":1,"c":1,"d":""}',
    "no text": b'{"k":"frame","t":1,"m":1,"c":1,"d":7}',
    "no time": b'{"k":"frame","t":-1,"m":1,"c":1,"d":""}',
    "digits": b'{"k":"frame","t":' + b"9" * 5000 + b',"m":1,"c":1,"d":""}',
    "lone surrogate": rb'{"k":"frame","t":1,"m":1,"c":1,"d":"\ud800\udc8"}',
    "foreign surrogate": rb'{"k":"frame","t":1,"m":1,"c":1,"d":"\ud800 \udc80"}',
    "no gap": b'{"k":"gap","t":1,"m":1,"c":1,"d":"{}"}',
    "no state": encode_line(control(Gap("FINE", "", lost=False))).rstrip(),
    "no retry": encode_line(control(Disconnect("", 1e300))).rstrip(),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_line_is_told_and_left_out(tmp_path: Path, name: str) -> None:
    before, after = lines(run()[:5]), lines(run()[5:])
    path = tmp_path / "a.jsonl"
    path.write_bytes(before + SPOILED[name] + b"\n" + after)

    frames, damages = read(path)

    assert frames == run()
    assert [(it.position.offset, it.tail) for it in damages] == [(len(before), False)]
    assert damages[0].what


def test_a_line_longer_than_any_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(lines(run()[:5]))
        for _ in range(65):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + lines(run()[5:]))

    frames, damages = read(path)

    assert frames == run()
    assert [it.what for it in damages] == ["a line longer than 64 MiB"]


@pytest.mark.parametrize(
    "book",
    [
        BookCheckpoint("FINE", "", [], [], has_book=False, decoder=None),
        BookCheckpoint("VERIFIED", "", [], [], has_book=True, decoder="{}"),
        BookCheckpoint("VERIFIED", "", [], [], has_book=True, decoder="NaN"),
    ],
)
def test_a_header_that_no_session_can_go_on_from_is_left_out(
    tmp_path: Path, book: BookCheckpoint
) -> None:
    bad = control(Header("gemini", "BTCUSD", "", "", segment=1, checkpoint=book))
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines([header(), bad, opened()]))

    frames, damages = read(path)

    assert frames == [header(), opened()]
    assert len(damages) == 1


@pytest.mark.parametrize("how", ["plain", "gz", "zst"])
def test_nothing_that_is_in_a_file_makes_the_reading_fail(tmp_path: Path, how: str) -> None:
    whole = pack(how, run())
    path = tmp_path / "a"
    for seed in range(400):
        chance = random.Random(seed)
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(50)]
                case 2:
                    data[at:at] = chance.randbytes(chance.randrange(50))
        path.write_bytes(data)
        try:
            recording = open_recording([str(path)])
            session = Session(feed_of(recording.header))
            verifier = Verifier(recording)
            for located in recording.frames():
                session.receive(located.frame)
                verifier.take(located)
            verifier.report()
        except RecordingUnreadable:
            pass  # its one header is gone
        except BaseException:
            print(f"seed {seed}")
            raise


def test_a_damage_is_told_once_however_often_it_is_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a", lines(run()[:5]) + b"?\n" + lines(run()[5:]) + b'{"k')
    recording = open_recording([path])

    for _ in range(3):
        assert len(list(recording.frames())) == len(run())

    assert [(it.what, it.tail) for it in recording.damages] == [
        ("not a whole JSON object", False),
        ("the last line is torn", True),
    ]


def test_a_checkpoint_is_only_as_good_as_its_levels(tmp_path: Path) -> None:
    text = msgspec.json.encode(
        {"venue": "gemini", "symbol": "BTCUSD", "url": "", "program": "", "segment": 1}
        | {
            "checkpoint": {"state": "VERIFIED", "reason": "", "asks": [], "has_book": True}
            | {"bids": [["NaN", "1"], ["2", "1"]], "decoder": None}
        }
    )
    bad = Frame(FrameKind.HEADER, text, 1, 1, 0)
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines([header(), bad]))

    frames, damages = read(path)

    assert frames == [header()]
    assert "not a number" in damages[0].what
