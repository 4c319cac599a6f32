"""The decisions, with a clock of the test's own."""

import pytest

from pyli_server.drain import TRANSITIONS, Again, Drain, Event, Occupancy, Patience, State
from pyli_server.extension import patience

EMPTY = Occupancy(kernels=0, terminals=0, in_use=0)
RESTING = Occupancy(kernels=1, terminals=0, in_use=0)
BUSY = Occupancy(kernels=1, terminals=1, in_use=1)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def leaving(clock: Clock, deadline: float = 100, quiet: float = 10) -> Drain:
    drain = Drain(Patience(deadline, quiet), clock)
    assert drain.take(Event.LEAVE) is State.LEAVING
    return drain


def test_every_state_has_an_answer_to_every_event() -> None:
    assert set(TRANSITIONS) == {(state, event) for state in State for event in Event}


def test_by_hand_it_drains_and_is_restored_and_never_ends(clock: Clock) -> None:
    drain = Drain(Patience(1, 1), clock)
    drain.take(Event.DRAIN)
    clock.now += 1000
    assert not drain.takes_new
    assert not drain.is_over(EMPTY)
    drain.take(Event.RESTORE)
    assert drain.takes_new


def test_who_leaves_cannot_be_restored(clock: Clock) -> None:
    drain = leaving(clock)
    assert drain.take(Event.RESTORE) is State.LEAVING
    assert not drain.takes_new


def test_it_ends_at_once_when_nothing_lives_in_it(clock: Clock) -> None:
    assert leaving(clock).is_over(EMPTY)


def test_what_rests_is_kept_for_a_while_counted_from_its_last_use(clock: Clock) -> None:
    drain = leaving(clock, deadline=0, quiet=10)
    clock.now += 9
    assert not drain.is_over(RESTING)
    assert not drain.is_over(BUSY)
    clock.now += 9
    assert not drain.is_over(RESTING)
    clock.now += 1
    assert drain.is_over(RESTING)


def test_what_is_used_is_served_until_the_deadline(clock: Clock) -> None:
    drain = leaving(clock, deadline=100)
    clock.now += 99
    assert not drain.is_over(BUSY)
    assert drain.seconds_left() == 1
    clock.now += 1
    assert drain.is_over(BUSY)


def test_without_a_deadline_for_ever(clock: Clock) -> None:
    drain = leaving(clock, deadline=0)
    clock.now += 1e6
    assert not drain.is_over(BUSY)
    assert drain.seconds_left() is None


def test_a_second_sigterm_ends_it_at_once(clock: Clock) -> None:
    drain = leaving(clock)
    assert drain.take(Event.LEAVE) is State.ENDED
    assert drain.is_over(BUSY)


def test_a_second_sigterm_may_mean_nothing(clock: Clock) -> None:
    drain = Drain(Patience(deadline=100, quiet=10, again=Again.STAY), clock)
    drain.take(Event.LEAVE)
    clock.now += 99
    assert drain.take(Event.LEAVE) is State.LEAVING
    assert not drain.is_over(BUSY)
    assert drain.seconds_left() == 1, "and no new time begins"
    assert drain.is_over(EMPTY)


def test_what_a_second_sigterm_means_is_told() -> None:
    assert patience({}).again is Again.END
    assert patience({"PYLI_DRAIN_AGAIN": "stay"}).again is Again.STAY
    with pytest.raises(ValueError, match=r"PYLI_DRAIN_AGAIN must be end or stay; got 'no'"):
        patience({"PYLI_DRAIN_AGAIN": "no"})


@pytest.mark.parametrize("text", ["soon", "-1", "inf", "nan"])
def test_a_wrong_number_is_told_with_its_variable(text: str) -> None:
    with pytest.raises(ValueError, match=r"PYLI_DRAIN_QUIET must be a number of seconds, for example PYLI_DRAIN_QUIET=60"):
        patience({"PYLI_DRAIN_QUIET": text})
