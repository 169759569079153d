"""A capture's lines: their form to the character, and that any bytes come back."""

from __future__ import annotations

import json
import random

import pytest

from obtui.frame import Frame, FrameKind
from obtui.recording.capture import BadLine, decode_line, encode_line


def test_a_line_has_five_keys_in_this_order() -> None:
    frame = Frame(FrameKind.TEXT, '{"a":"ü\\u20ac"}'.encode(), 17, 5, 3)

    line = encode_line(frame)

    assert line == '{"k":"frame","t":17,"m":5,"c":3,"d":"{\\"a\\":\\"ü\\\\u20ac\\"}"}\n'.encode()
    assert list(json.loads(line)) == ["k", "t", "m", "c", "d"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        b'"quoted\\" \\n',
        "größe € 𝄞 \u2028".encode(),
        b"\x00\x01\x1f\x7f\n\r\t",
        b"\xff",
        b"\xed\xa0\x80 an encoded surrogate",
        b"torn \xe2\x82",
        b"\xf0\x9d\x84 \xf0\x9d\x84\x9e \xc0\x80 \\udc80",
        bytes(range(256)),
    ],
    ids=ascii,
)
def test_any_bytes_come_back(data: bytes) -> None:
    frame = Frame(FrameKind.TEXT, data, 2**62, 1, 0)

    line = encode_line(frame)

    assert line.count(b"\n") == 1
    line.decode("utf-8")  # whatever the venue sent, the file is text
    assert decode_line(line) == frame


def test_random_bytes_come_back() -> None:
    chance = random.Random(20_261_123)
    for _ in range(2_000):
        data = chance.choice((b"", b'{"e":"', "€".encode())) + chance.randbytes(
            chance.randrange(12)
        )
        frame = Frame(chance.choice(list(FrameKind)), data, chance.randrange(2**62), 1, 2)

        assert decode_line(encode_line(frame)) == frame, f"seed 20261123: {data!r}"


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"k":"frame"}', b'{"k":"x","t":1,"m":1,"c":1,"d":""}', b"\0\0"]
)
def test_what_is_no_line_is_refused_by_name(line: bytes) -> None:
    with pytest.raises(BadLine):
        decode_line(line)
