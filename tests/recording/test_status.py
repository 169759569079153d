"""The line that says how a recording stands."""

from __future__ import annotations

import pytest

from obtui.recording.status import Health, WriterStatus, place_of, saved_words


def status(
    written: int = 0,
    *,
    path: str = "a",
    dropped: int = 0,
    synced: float | None = None,
    free: int | None = None,
    device: int = 1,
) -> WriterStatus:
    return WriterStatus(
        path=path,
        open=True,
        bytes_written=written,
        items_written=0,
        waiting=0,
        dropped=dropped,
        lost=0,
        failed=None,
        broken_pipe=False,
        last_fsync=synced,
        free_bytes=free,
        device=device,
    )


def test_all_of_it() -> None:
    health = Health(1000.0)

    health.words([status(412_000_000 - 12_000_000)], 4710.0)
    words = health.words([status(412_000_000, synced=4719.6, free=77_760_000_000)], 4720.0)

    assert words == ("REC 1h02m · 412 MB · 1.2 MB/s · 0 dropped · fsync 0.4 s ago · disk 18 h left")


def test_at_first_what_is_not_known_is_not_said() -> None:
    assert Health(5.0).words([status(free=10)], 5.0) == "REC 0.0 s · 0 B · 0 dropped"


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    health = Health(0.0)
    for second in range(30):
        health.words([status(second * 1_000_000)], float(second))

    busy = health.words([status(30_000_000)], 30.0)
    for second in range(31, 42):
        quiet = health.words([status(30_000_000, free=99)], float(second))

    assert " · 1.0 MB/s · " in busy
    assert " · 0 B/s · " in quiet
    assert "left" not in quiet, "at this rate it lasts for ever"


def test_of_two_files_the_older_sync_and_the_shared_disk() -> None:
    health = Health(0.0)
    before = [status(0), status(0)]
    after = [
        status(1_000_000, synced=9.5, free=720_000_000, dropped=1_000),
        status(1_000_000, synced=7.0, free=720_000_000, dropped=234),
    ]

    health.words(before, 0.0)
    words = health.words(after, 10.0)

    assert words == (
        "REC 10 s · 2.0 MB · 200 kB/s · 1,234 DROPPED · fsync 3.0 s ago · disk 60 min left"
    )


def test_of_two_disks_the_one_that_is_full_first() -> None:
    health = Health(0.0)
    health.words([status(0), status(0, device=2)], 0.0)

    words = health.words(
        [status(1_000_000, free=10**12), status(1_000, free=5_000, device=2)], 10.0
    )

    assert words.endswith("disk under 1 min left")


@pytest.mark.parametrize(
    ("free", "left"),
    [(59, "under 1 min"), (60, "1 min"), (7199, "120 min"), (7200, "2 h"), (86400 * 3, "3 d")],
)
def test_how_long_the_disk_lasts(free: int, left: str) -> None:
    health = Health(0.0)
    health.words([status(0)], 0.0)

    assert health.words([status(10, free=free)], 10.0).endswith(f" · disk {left} left")


def test_standard_output_is_named() -> None:
    assert Health(0.0).words([status(path="-")], 0.0).endswith(" · standard output")


def test_what_was_saved() -> None:
    said = ["5 book lines to /a", "9 frames to /b"]

    assert saved_words([], "", 0) == ""
    assert saved_words(said, "", 0) == "saved 5 book lines to /a and 9 frames to /b"
    assert saved_words(said[:1], "disk full: no space (/a)", 1200) == (
        "recording stopped: disk full: no space (/a); saved 5 book lines to /a before it; "
        "lines lost: 1,200"
    )
    assert place_of(["-"]) == "standard output"
    assert place_of(["/x/a-000000", "/x/a-000001"]) == "/x/a-000000 up to a-000001"
