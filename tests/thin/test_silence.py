"""Where replies are late, lost or never come."""

from __future__ import annotations

import pytest

from obtui.thin.governor import ECHOES, MOST_FLYING, SECOND, Governor

MS = SECOND // 1000


def test_where_no_reply_comes_at_all_only_the_local_queue_counts() -> None:
    governor = Governor()

    governor.sent(1_000, 0)
    governor.sent(1_000, 1)
    for now, allowed in ((2, False), (999, False), (1_001, True)):
        assert not governor.must_ask(now * MS)
        assert governor.may_send(now * MS) is allowed
    governor.sent(1_000, 1_001 * MS)
    assert not governor.may_send(1_900 * MS)
    assert not governor.must_ask(5 * SECOND)
    for number in range(2 * MOST_FLYING):
        assert governor.may_send(5 * SECOND)
        governor.sent(1_000, 5 * SECOND + number)

    assert not governor.replies
    assert governor.budget is None
    assert governor.rate is None
    assert governor.shortest_trip_ns is None
    assert len(governor._flying) == MOST_FLYING


def test_where_no_reply_comes_it_asks_again() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    governor.sent(1_000, SECOND)
    asked = [second for second in range(1, 100) if governor.must_ask(second * SECOND)]

    assert asked[:4] == [3, 7, 11, 15]


def test_where_replies_come_late_nothing_is_asked_again() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    for _ in range(4):
        governor.sent(10_000, SECOND)

    for second in range(2, 6):
        assert not governor.must_ask(second * SECOND + 900 * MS)
        governor.acknowledged((second + 1) * SECOND - 1)


def test_a_key_is_echoed_also_into_a_silence_but_not_for_ever() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    governor.sent(10_000, SECOND)
    governor.sent(10_000, SECOND)
    assert not governor.may_send(SECOND, urgent=True)

    assert governor.must_ask(4 * SECOND)
    governor.sent(10_000, 4 * SECOND)
    echoes = 1
    while governor.may_send(5 * SECOND, urgent=True):
        assert not governor.may_send(5 * SECOND)
        governor.sent(10_000, 5 * SECOND)
        echoes += 1

    assert echoes == ECHOES
    governor.acknowledged(60 * SECOND, mark=True)
    governor.acknowledged(60 * SECOND)
    assert not governor.may_send(60 * SECOND)
    for _ in range(ECHOES - 1):
        governor.acknowledged(60 * SECOND)
    assert governor.may_send(60 * SECOND)


def stalled() -> Governor:
    """Silent with two frames on their way, asked again twice at 4 and 8 s."""
    governor = Governor()
    governor.sent(1_000, 0)
    governor.acknowledged(100 * MS)
    governor.sent(1_000, SECOND)
    governor.sent(1_000, SECOND + 1)
    assert governor.must_ask(4 * SECOND)
    assert governor.must_ask(8 * SECOND)
    return governor


def test_into_a_silence_that_does_not_end_a_frame_goes_now_and_then() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    governor.sent(1_000, SECOND)
    frames = []
    for second in range(1, 200):
        governor.must_ask(second * SECOND)
        if governor.may_send(second * SECOND):
            governor.sent(1_000, second * SECOND)
            frames.append(second)

    assert frames == [3, 7, 15, 31, 63, 127, 191]
    for _ in range(100):
        governor.acknowledged(200 * SECOND)
    governor.sent(1_000, 200 * SECOND)
    assert governor._gap_ns == 2 * SECOND


def test_after_a_stall_each_reply_is_that_of_its_own_frame() -> None:
    governor = stalled()

    for mark in (False, False, True, True):
        governor.acknowledged(9 * SECOND, mark=mark)
    assert governor.may_send(9 * SECOND)
    governor.sent(1_000, 9 * SECOND)
    governor.acknowledged(9 * SECOND + 100 * MS)

    assert governor.round_trip_ns == 100 * MS
    assert governor.shortest_trip_ns == 100 * MS
    assert governor.rate == 10_000
    assert not governor._flying


@pytest.mark.parametrize("heard", [0, 1])
def test_where_replies_were_lost_the_mark_tells_that_all_before_it_is_over(heard: int) -> None:
    governor = stalled()

    for _ in range(heard):
        governor.acknowledged(9 * SECOND)
    governor.acknowledged(9 * SECOND, mark=True)

    assert governor.may_send(9 * SECOND)
    assert governor.shown_ns == SECOND + 1
    governor.sent(2_000, 9 * SECOND)
    assert not governor.may_send(9 * SECOND)
    governor.acknowledged(9 * SECOND, mark=True)
    assert not governor.may_send(9 * SECOND)
    governor.acknowledged(9 * SECOND + 100 * MS)
    assert governor.shortest_trip_ns == 100 * MS


def test_a_terminal_that_replies_as_if_all_were_marks_answers_the_oldest() -> None:
    governor = Governor()
    for number in range(3):
        governor.sent(1_000, number * SECOND)
        governor.acknowledged(number * SECOND + 100 * MS, mark=True)
    governor.sent(1_000, 3 * SECOND)
    governor.sent(1_000, 3 * SECOND)
    assert governor.must_ask(6 * SECOND)

    governor.acknowledged(7 * SECOND, mark=True)
    governor.sent(1_000, 7 * SECOND)
    governor.acknowledged(7 * SECOND, mark=True)
    governor.acknowledged(7 * SECOND, mark=True)
    assert not governor.may_send(7 * SECOND)
    governor.acknowledged(7 * SECOND + 100 * MS, mark=True)

    assert governor.shortest_trip_ns == 100 * MS
    assert governor.may_send(7 * SECOND + 100 * MS)
