"""How a market stood, once a second: for charts over time. Bounded; floats only, for drawing."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """One moment."""

    monotonic_ns: int
    received_ns: int
