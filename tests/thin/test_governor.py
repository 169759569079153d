"""What the governor learns from replies, and what it allows."""

from __future__ import annotations

from obtui.thin.governor import LEAST_BUDGET, SECOND, Governor

MS = SECOND // 1000


def test_one_is_always_allowed_and_an_urgent_one_beside_it() -> None:
    governor = Governor()
    governor.sent(1_000, 0)
    governor.acknowledged(100 * MS)

    assert governor.may_send(100 * MS)
    governor.sent(1_000_000, 100 * MS)
    assert not governor.may_send(100 * MS)
    assert governor.may_send(100 * MS, urgent=True)
    governor.sent(1_000, 101 * MS)
    assert not governor.may_send(101 * MS, urgent=True)


def test_what_it_measured() -> None:
    governor = Governor()
    governor.sent(2_000, 0)
    governor.acknowledged(50 * MS)

    assert governor.round_trip_ns == 50 * MS
    assert governor.shortest_trip_ns == 50 * MS
    assert governor.rate == 40_000
    assert governor.budget == 10_000


def test_a_small_frame_never_makes_the_next_ones_tiny() -> None:
    governor = Governor()
    governor.sent(10, 0)
    governor.acknowledged(80 * MS)

    assert governor.budget == LEAST_BUDGET


def test_until_a_small_frame_had_the_link_for_itself_no_two_are_on_their_way() -> None:
    governor = Governor()
    governor.sent(8_000, 0)
    governor.sent(8_000, 0)
    governor.acknowledged(500 * MS)
    assert not governor.may_send(500 * MS)
    governor.acknowledged(SECOND)

    governor.sent(1_600, SECOND)

    assert governor.may_send(SECOND)


def test_after_some_seconds_a_frame_has_the_link_for_itself_again() -> None:
    governor = Governor()
    governor.sent(400, 0)
    governor.acknowledged(100 * MS)
    governor.sent(400, 100 * MS)
    allowed = []
    for tenth in range(1, 40):
        governor.sent(10, tenth * 100 * MS + 50 * MS)
        governor.acknowledged(tenth * 100 * MS + 100 * MS)
        allowed.append(governor.may_send(tenth * 100 * MS + 100 * MS))

    assert allowed.index(False) == 29
    assert not any(allowed[29:])
    governor.acknowledged(4_050 * MS)
    assert governor.may_send(4_050 * MS)
    governor.sent(10, 4_050 * MS)
    assert governor.may_send(4_050 * MS)


def test_a_bunch_of_replies_is_no_fast_link() -> None:
    governor = Governor()
    for number in range(10):
        governor.sent(1_000, number * 100 * MS)
    for _ in range(10):
        governor.acknowledged(2 * SECOND)

    assert governor.rate is not None
    assert governor.rate <= 10_001


def test_from_one_frame_at_a_time_it_finds_more_where_nothing_waits() -> None:
    governor = Governor()
    now = 0
    for _ in range(4):
        governor.sent(1_000, now)
        now += 80 * MS
        governor.acknowledged(now)

    governor.sent(1_000, now)
    assert governor.may_send(now)


def test_what_was_the_best_long_ago_is_forgotten() -> None:
    governor = Governor()
    for second, trip in ((0, 10), (40, 80), (80, 80), (120, 80)):
        governor.sent(1_000, second * SECOND)
        governor.acknowledged(second * SECOND + trip * MS)

    assert governor.shortest_trip_ns == 80 * MS
    assert governor.rate == 12_500


def test_a_reply_that_nobody_asked_for_is_nothing() -> None:
    governor = Governor()

    governor.acknowledged(SECOND)
    governor.acknowledged(SECOND, mark=True)

    assert governor.may_send(SECOND)
    assert governor.rate is None
