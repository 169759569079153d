"""The pictures in `screenshots/` show what the program shows now."""

from __future__ import annotations

import pytest

from tools import screenshots


@pytest.mark.parametrize("name", list(screenshots.SCENES))
async def test_picture_is_current(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    kept = (screenshots.FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    made = await screenshots.render(name)

    if screenshots.made_with() in kept:
        assert made == kept, "run python tests/tools/screenshots.py and look at what changed"
    else:
        assert screenshots.shown_text(made) == screenshots.shown_text(kept)


def test_no_picture_is_left_over() -> None:
    kept = {path.stem for path in screenshots.FOLDER.glob("*.svg")}

    assert kept == set(screenshots.SCENES)
