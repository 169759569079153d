"""What goes to the terminal, in the few words that a status line has room for."""

from __future__ import annotations

from obtui import figures
from obtui.thin.seam import Traffic


def words_of(traffic: Traffic | None, *, asked: bool) -> str:
    """Where it was `asked` for, or where the terminal, or the way to it, is what limits; without
    `traffic` Textual writes the screen."""
    if traffic is None:
        return "written by Textual" if asked else ""
    if not (asked or traffic.limited):
        return ""
    words = [f"{traffic.fps:.0f} fps", f"{figures.quantity(traffic.rate)}/s"]
    if traffic.round_trip_ms is None or traffic.age_ms is None:
        words.append("the terminal does not reply")
    else:
        words.append(f"round trip {figures.milliseconds(traffic.round_trip_ms)}")
        words.append(f"screen {figures.duration(traffic.age_ms / 1000)} old")
    why = "bandwidth cap" if traffic.capped else "slow link"
    return " · ".join([*([why] if traffic.limited else []), *words])
