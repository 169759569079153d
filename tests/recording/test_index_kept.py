"""The file that the seek index is kept in: found again, carried on, and never believed blindly."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from obtui.recording import indexing
from obtui.recording.index import Index, open_index
from obtui.recording.index_file import IndexFile
from obtui.recording.reader import (
    Position,
    open_recording,
)
from support.recordings import (
    busy_market,
    eventful_market,
    header,
    lines,
    message,
    opened,
    pack,
    packed,
    put,
    run,
)


@pytest.fixture(autouse=True)
def closely_spaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(indexing, "SPACING_BYTES", 20_000)
    monkeypatch.setattr(indexing, "SPACING_FRAMES", 150)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def index_of(path: str) -> Index:
    return open_index(open_recording([path]))


def test_it_is_made_once_and_kept_beside_the_capture(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", lines(eventful_market(8000)))
    calls: list[tuple[int, int]] = []
    made = open_index(open_recording([path]), lambda *call: calls.append(call))

    assert calls[-1] == (os.path.getsize(path), os.path.getsize(path))
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "a.jsonl.idx"]
    assert made.size == os.path.getsize(path + ".idx") < 0.05 * os.path.getsize(path)

    calls.clear()
    again = open_index(open_recording([path]), lambda *call: calls.append(call))
    assert calls == []
    assert again.events == made.events
    assert again.before(2**62) == made.before(2**62)


@pytest.mark.parametrize("how", ["plain", "zst"])
def test_a_capture_that_grew_is_read_on_from_the_last_checkpoint(tmp_path: Path, how: str) -> None:
    frames = eventful_market(8000)
    whole = pack(how, frames)
    path = tmp_path / "a"
    path.write_bytes(whole[: int(len(whole) * 0.9)])  # in the middle of a line, too
    index_of(str(path)).close()
    path.write_bytes(whole)
    read: list[int] = []
    calls: list[tuple[int, int]] = []

    recording = open_recording([str(path)])
    seen = recording.segments[0].frames

    def counted(offset: int, *rest: object) -> object:
        read.append(offset)
        return seen(offset)

    recording.segments[0].frames = counted  # type: ignore[assignment]
    grown = open_index(recording, lambda *call: calls.append(call))

    assert len(read) == 1
    assert read[0] > 0.8 * len(lines(frames))
    os.unlink(f"{path}.idx")
    anew = index_of(str(path))
    assert grown.events == anew.events
    assert (grown.frames, grown.messages, grown.last_ns) == (
        anew.frames,
        anew.messages,
        anew.last_ns,
    )
    assert grown.checkpoints == anew.checkpoints
    chance = random.Random(3)
    for _ in range(20):
        goal = chance.randint(anew.first_ns, anew.last_ns)
        assert grown.before(goal) == anew.before(goal), "seed 3"


def test_a_capture_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(lines(eventful_market(8000)))
    index_of(str(path)).close()
    other = [header(), opened(), *(message(b"{}", nth / 9) for nth in range(40_000))]
    grown = path.stat().st_size
    path.write_bytes(lines(other))
    assert path.stat().st_size > grown

    index = index_of(str(path))

    assert index.frames == len(other)
    assert len(index.events) == 1


def test_a_damaged_index_is_made_anew(tmp_path: Path) -> None:
    path = put(tmp_path / "a", lines(eventful_market(8000)))
    good = index_of(path)
    data = Path(path + ".idx").read_bytes()
    step = (good.last_ns - good.first_ns) // 9
    right = {goal: good.before(goal) for goal in range(good.first_ns, good.last_ns, step)}
    known = {it.position: it for it in right.values() if it is not None}
    for it in list(known.values()):
        before = good.before_position(Position(0, it.position.offset - 1))
        known |= {before.position: before} if before is not None else {}

    earlier = 0
    for seed in range(150):
        chance = random.Random(seed)
        spoiled = bytearray(data)
        if seed % 3:
            at = chance.randrange(len(data))
            spoiled[at] ^= 1 << chance.randrange(8)
        else:
            del spoiled[chance.randrange(len(data)) :]
        Path(path + ".idx").write_bytes(spoiled)
        index = index_of(path)
        assert index.events == good.events, f"seed {seed}"
        for goal, wanted in right.items():
            found = index.before(goal)
            if found is not None and wanted is not None:
                # One that is lost leads to one before it, never to a wrong one.
                assert found.position <= wanted.position, f"seed {seed}"
                assert found == known.get(found.position, found), f"seed {seed}"
                earlier += found != wanted
        index.close()
    assert earlier, "some damage cost a checkpoint and not the index"


def test_where_the_folder_cannot_be_written_it_is_kept_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a", lines(eventful_market(8000)))
    create = IndexFile.create

    def refuse(folder: str | None) -> IndexFile:
        if folder == os.path.realpath(tmp_path):
            raise PermissionError
        return create(folder)

    monkeypatch.setattr(IndexFile, "create", refuse)
    made = index_of(path)

    cached = list((tmp_path / "cache" / "obtui" / "index").iterdir())
    assert [it.suffix for it in cached] == [".idx"]
    assert not os.path.exists(path + ".idx")
    assert index_of(path).events == made.events


def test_where_nothing_can_be_written_it_serves_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a", lines(eventful_market(8000)))
    create = IndexFile.create

    def refuse(folder: str | None) -> IndexFile:
        if folder is not None:
            raise PermissionError
        return create(None)

    monkeypatch.setattr(IndexFile, "create", refuse)
    index = index_of(path)

    assert [it for it in tmp_path.rglob("*") if it.is_file()] == [tmp_path / "a"]
    assert index.before(2**62) is not None


def test_a_making_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    path = put(tmp_path / "a", lines(eventful_market(20_000)))

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_index(open_recording([path]), stop)
    assert os.listdir(tmp_path) == ["a"]


def test_beside_a_small_capture_nothing_is_left(tmp_path: Path) -> None:
    path = put(tmp_path / "a", lines(run(3)))

    index = index_of(path)

    assert index.frames == len(run(3))
    assert [it for it in tmp_path.rglob("*") if it.is_file()] == [tmp_path / "a"]


def test_deep_books_leave_it_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SPACING_FRAMES", 10**9)
    path = tmp_path / "a.zst"
    path.write_bytes(packed(busy_market(30_000, levels=3000), each=2000))

    index = index_of(str(path))

    assert index.size < 0.05 * path.stat().st_size
    assert index.checkpoints > 2
