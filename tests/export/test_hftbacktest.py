"""The collector's lines: every frame of the venue as it came, with its time."""

from __future__ import annotations

import json

from export_doubles import end, exported, gap, header

from support import frames, wire
from support.captures import incoming


def test_every_frame_of_the_venue_and_nothing_of_ours() -> None:
    frame = wire.depth(100, [("99.0", "1")])
    after_a_gap = b"{garbled"

    data = exported(
        [
            header(),
            frames.rest("/v1/symbols/details/btcusd", 200, "{}"),
            frames.connect(),
            frames.text(frame, 1.000000001),
            gap(2, "SYNCING", lost=True),
            frames.text(after_a_gap, 3),
            frames.disconnect(4),
            end(5),
        ],
        "hftbacktest",
    )

    first, second = frames.wall(1.000000001), frames.wall(3)
    assert data == b"%d %s\n%d %s\n" % (first, frame, second, after_a_gap)
    assert data[:20] == b"1700000001000000001 "


def test_bytes_that_are_no_text_are_kept() -> None:
    data = exported([frames.text(b'{"a": "\xff\xfe"}', 1)], "hftbacktest")

    assert data.split(b" ", 1)[1] == b'{"a": "\xff\xfe"}\n'


def test_a_frame_on_several_lines_is_one_line_and_the_same_json() -> None:
    pretty = b'{\r\n  "a": [1,\n 2]\n}'

    data = exported([frames.text(pretty, 1)], "hftbacktest")

    assert data.count(b"\n") == 1
    assert json.loads(data[20:]) == json.loads(pretty)


def test_a_real_capture_line_by_line() -> None:
    texts = incoming("current-perps-real")
    recorded = [frames.text(text.encode(), at * 1e-3) for at, text in enumerate(texts)]

    lines = exported(recorded, "hftbacktest").splitlines()

    # As hftbacktest's converters cut them.
    assert [line[20:].decode() for line in lines] == texts
    assert [int(line[:19]) for line in lines] == [frame.received_ns for frame in recorded]
