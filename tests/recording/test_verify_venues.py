"""What `verify` tells of recordings of venues with a check of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from verify_support import of, verify

from obtui.frame import Header
from support import kraken_wire
from support.captures import DATA
from support.recordings import control, message, opened, put


def test_right_checksums_are_counted_by_connection(tmp_path: Path) -> None:
    head = control(Header("kraken", kraken_wire.SYMBOL, url="", program="obtui"))
    book = kraken_wire.Book()
    whole = book.snapshot(kraken_wire.BIDS, kraken_wire.ASKS)
    changes = [book.update([("99.5", f"{size}.00000000")]) for size in (1, 2, 3)]
    frames = [head, opened(), message(kraken_wire.instrument(), 0.1), message(whole, 0.2)]
    frames += [message(frame, 0.3 + number / 10) for number, frame in enumerate(changes)]

    (connection,) = of(tmp_path, frames).connections

    assert (connection.books, connection.checksums) == (4, 4)


@pytest.mark.parametrize(("name", "right"), [("btcchf-31s", 290), ("adabtc-31s", 348)])
def test_a_real_sample(tmp_path: Path, name: str, right: int) -> None:
    path = DATA / "kraken" / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")
    report = verify(put(tmp_path / path.name, path.read_bytes()))

    assert [it.checksums for it in report.connections] == [right]
    assert report.result == "whole"
