"""When the next frame may be sent: as much is on its way as the link holds, and no more.

Between the program and a terminal far away ssh and TCP take megabytes without a word, so that what
is shown falls behind while the local queue is empty. So a query rides behind each frame and the
terminal's reply acknowledges it. From the acknowledgements two things are known, as in BBR
(Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14-5, 2016): the shortest
round trip, and the most bytes a second that came through. Their product is what the link holds
without queueing; the next frame may go if it fits in there too. One may always be on its way.

Replies do not say what they answer, but they come in the order of the queries. Where one is lost
all after it would be counted for the wrong frames, and the link be taken for a faster one: so what
is asked into a silence is marked, and the reply to it says that all before it is over.

Pure: it is told times, in ns of a monotonic clock, and reads none.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

SECOND = 1_000_000_000
TRIP_NS = 30 * SECOND
"""For how long a short round trip is remembered: a route may have become longer."""
RATE_NS = 30 * SECOND
"""For how long a high rate is remembered: a link may have become slower."""
ALONE_NS = 3 * SECOND
"""After so long without a frame that had the link for itself one is given it: behind others no trip
is the shortest, and a link that was filled once would be kept full."""
SILENT_NS = 2 * SECOND
"""Without a reply for so long the terminal is asked again, and then at twice that."""
MOST_FLYING = 1_000
"""Frames and queries that are remembered: of a terminal that never replies, or not for an hour."""
ECHOES = 8
"""Frames for keys while the terminal is silent: each waits in the way where the link is stalled."""
MOST_SILENT_NS = 64 * SECOND
"""Without a key one goes into a silence too, each after twice the time, up to this: a terminal may
show all and reply no more."""
FRAME_SECONDS = 0.25
"""Of a link's time that one frame may take: a key's echo waits behind it."""
GAINS = ((1.25, 1.8), (1.5, 1.0), (float("inf"), 0.75))
"""Of what the link is known to hold, by how many times the shortest round trip the last one took.
While nothing waits, more, by which a second frame fits where one at a time was sent: what came
through so far may be no more than what was sent. Where much waits, less, until it does not."""
FITS = 0.75
"""Of another frame like the last, that must fit: with whole ones a link is idle half of the time,
and with less a key waits behind two."""
FIRST = 2
"""Frames before the first reply: a slow link is not to be filled before it is known."""
FIRST_NS, MUTE_NS = SECOND, 5 * SECOND
"""After so long without it they are one more each time; and a terminal is taken for one that never
replies. Should it, the link is governed from then on."""
LEAST_BUDGET = 1_000
"""Bytes that a frame may always have."""


class Sent(NamedTuple):
    """A frame on its way."""

    at_ns: int
    size: int
    delivered: int
    """Bytes that had been acknowledged when it was sent, and when that was."""
    delivered_ns: int
    before_ns: int
    """When the frame that was acknowledged last had been sent."""
    mark: bool = False
    """Whether it is no frame, but a query whose reply tells that it is the one to it."""


class Best:
    """The best of recent values, in two spans of time, so that it costs nothing to keep."""

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._began_ns = 0
        self._now: float | None = None
        self._before: float | None = None

    def add(self, value: float, now_ns: int) -> None:
        """Higher is better."""
        if now_ns - self._began_ns >= self._span_ns:
            again = now_ns - self._began_ns < 2 * self._span_ns
            self._before, self._now = (self._now if again else None), None
            self._began_ns = now_ns
        self._now = value if self._now is None else max(self._now, value)

    @property
    def value(self) -> float | None:
        """None before the first."""
        known = [value for value in (self._now, self._before) if value is not None]
        return max(known) if known else None


class Governor:
    """One terminal."""

    def __init__(self) -> None:
        self._flying: deque[Sent] = deque()
        self._size = 0
        self._delivered = 0
        self._delivered_ns = 0
        self._before_ns = 0
        self._alone_ns = -ALONE_NS
        """When a frame of a size that is known to be small was sent while no other was on its
        way."""
        self._trip = Best(TRIP_NS)
        self._rate = Best(RATE_NS)
        self._asked_ns = 0
        self._unheard = 0
        """Queries that were sent again, since the last reply."""
        self._echoes = 0
        """Frames that were sent since then all the same."""
        self._sent_ns = 0
        self._gap_ns = SILENT_NS
        """From the last one into a silence to the next."""
        self._mute = False
        self._marks = True
        """Whether marks are known by their replies: not where a terminal replies to each frame as
        if it were one."""
        self.replies = False
        """Whether the terminal has ever replied. Where it does not within `MUTE_NS` only the local
        queue is looked at."""
        self.round_trip_ns = 0
        """Of the last frame that was acknowledged."""
        self.shown_ns = 0
        """When that was sent."""

    def sent(self, size: int, now_ns: int) -> None:
        """A frame of so many bytes (> 0) was sent, with a query behind it."""
        if not self._size:
            self._delivered_ns = self._before_ns = now_ns
            if self.budget is not None and size <= self.budget:
                self._alone_ns = now_ns
        self._fly(size, now_ns)
        self._size += size
        self._asked_ns = self._sent_ns = now_ns
        if self._unheard:
            self._echoes += 1
            self._gap_ns = min(2 * self._gap_ns, MOST_SILENT_NS)

    def _fly(self, size: int, now_ns: int, *, mark: bool = False) -> None:
        known = self._delivered, self._delivered_ns, self._before_ns
        self._flying.append(Sent(now_ns, size, *known, mark))
        if len(self._flying) > MOST_FLYING:
            self._size -= self._flying.popleft().size

    def acknowledged(self, now_ns: int, *, mark: bool = False) -> None:
        """The terminal replied, to the marked query if that is told, else to the oldest: what was
        sent before it is shown."""
        self.replies, self._mute = True, False
        self._echoes = self._unheard = 0
        self._gap_ns = SILENT_NS
        flying = self._flying
        if mark:
            self._marks = self._marks and any(sent.mark for sent in flying)
            while self._marks and not flying[0].mark:
                self._over(flying.popleft(), now_ns)
        if flying:
            sent = flying.popleft()
            self._over(sent, now_ns)
            if sent.size:
                self._learn(sent, now_ns)

    def _over(self, sent: Sent, now_ns: int) -> None:
        self._size -= sent.size
        self._delivered += sent.size
        self._delivered_ns, self._before_ns = now_ns, sent.at_ns
        if sent.size:
            self.shown_ns = sent.at_ns

    def _learn(self, frame: Sent, now_ns: int) -> None:
        self.round_trip_ns = now_ns - frame.at_ns
        self._trip.add(-self.round_trip_ns, now_ns)
        # Replies may come in a bunch: no more came through than was sent in the time.
        passed = max(now_ns - frame.delivered_ns, frame.at_ns - frame.before_ns)
        if passed > 0:
            self._rate.add((self._delivered - frame.delivered) * SECOND / passed, now_ns)

    def may_send(self, now_ns: int, *, urgent: bool = False) -> bool:
        """Whether a frame may be sent now. An urgent one, the echo of a key, may be one more than
        the link holds; after a silence a few are sent into it, as the terminal may show them and
        have stopped to reply."""
        if not self._size:
            return True
        if not self.replies:
            waited = now_ns - self._flying[0].at_ns
            most = FIRST + waited // FIRST_NS + (ECHOES if urgent else 0)
            return self._mute or len(self._flying) < most
        if self._unheard and (
            now_ns - self._sent_ns >= self._gap_ns or (urgent and self._echoes < ECHOES)
        ):
            return True
        if not urgent and self._delivered_ns - self._alone_ns >= ALONE_NS:
            return False
        if urgent and sum(sent.size > 0 for sent in self._flying) < 2:
            return True
        size = self._size + FITS * self._flying[-1].size
        return size < self._allowed() * (2 if urgent else 1)

    def must_ask(self, now_ns: int) -> bool:
        """Whether a marked query without a frame is due, as for long none was answered: a reply may
        have been lost, or what the terminal did not answer it may answer now. If so, it counts as
        sent."""
        if not self._size:
            return False
        if not self.replies:
            self._mute = self._mute or now_ns - self._flying[0].at_ns >= MUTE_NS
            return False
        heard_ns = max(self._asked_ns, self._delivered_ns)
        if now_ns - heard_ns < SILENT_NS << min(self._unheard, 1):
            return False
        self._asked_ns = now_ns
        self._unheard += 1
        self._fly(0, now_ns, mark=True)
        return True

    @property
    def budget(self) -> int | None:
        """Bytes that one frame should have at most; None while nothing is known."""
        rate = self.rate
        return None if rate is None else max(LEAST_BUDGET, int(rate * FRAME_SECONDS))

    @property
    def rate(self) -> float | None:
        """The most bytes a second that came through lately, where it is known."""
        return self._rate.value

    @property
    def shortest_trip_ns(self) -> int | None:
        """Of lately, where it is known."""
        trip = self._trip.value
        return None if trip is None else -int(trip)

    def _allowed(self) -> float:
        """What the link holds without queueing, in bytes."""
        rate, trip = self.rate, self.shortest_trip_ns
        if rate is None or trip is None:
            return 0
        gain = next(gain for most, gain in GAINS if self.round_trip_ns <= trip * most)
        return gain * rate * trip / SECOND
