"""Whether a server takes what is new, and when it ends. Decisions alone: signals, clocks and kernels are elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    SERVING = "serving"
    #: By hand: nothing new, and it stays.
    DRAINING = "draining"
    #: Told to end: nothing new, and it ends when nobody needs it, or at the deadline.
    LEAVING = "leaving"
    ENDED = "ended"


class Event(Enum):
    DRAIN = "drain"
    RESTORE = "restore"
    #: SIGTERM.
    LEAVE = "leave"


class Again(Enum):
    """What a second LEAVE means."""

    #: Now: whoever sends SIGTERM twice does not want to wait.
    END = "end"
    #: Nothing more: Swarm sends it to a task each time its service changes, also to one that leaves.
    STAY = "stay"


#: What comes of each event. A second LEAVE does not wait, but where it means nothing; who leaves cannot be restored, as its
#: orchestrator ends it anyway.
TRANSITIONS = {
    (State.SERVING, Event.DRAIN): State.DRAINING,
    (State.SERVING, Event.RESTORE): State.SERVING,
    (State.SERVING, Event.LEAVE): State.LEAVING,
    (State.DRAINING, Event.DRAIN): State.DRAINING,
    (State.DRAINING, Event.RESTORE): State.SERVING,
    (State.DRAINING, Event.LEAVE): State.LEAVING,
    (State.LEAVING, Event.DRAIN): State.LEAVING,
    (State.LEAVING, Event.RESTORE): State.LEAVING,
    (State.LEAVING, Event.LEAVE): State.ENDED,
    (State.ENDED, Event.DRAIN): State.ENDED,
    (State.ENDED, Event.RESTORE): State.ENDED,
    (State.ENDED, Event.LEAVE): State.ENDED,
}


@dataclass(frozen=True)
class Occupancy:
    """What lives in a server."""

    kernels: int
    terminals: int
    #: Kernels that compute or have a client, and terminals with one.
    in_use: int

    @property
    def is_empty(self) -> bool:
        return self.kernels == 0 and self.terminals == 0


@dataclass(frozen=True)
class Patience:
    """In seconds. A deadline of 0 is none."""

    deadline: float
    #: How long kernels and terminals that nobody uses are kept for those who may come back: a page that is loaded anew.
    quiet: float
    again: Again = Again.END


class Drain:
    """`clock` gives seconds and never goes back."""

    def __init__(self, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._state = State.SERVING
        self._left_at = 0.0
        self._used_at = 0.0

    @property
    def state(self) -> State:
        return self._state

    @property
    def takes_new(self) -> bool:
        return self._state is State.SERVING

    @property
    def is_leaving(self) -> bool:
        return self._state in (State.LEAVING, State.ENDED)

    def take(self, event: Event) -> State:
        if event is Event.LEAVE and self.is_leaving and self._patience.again is Again.STAY:
            return self._state
        before, self._state = self._state, TRANSITIONS[self._state, event]
        if before is not State.LEAVING and self._state is State.LEAVING:
            self._left_at = self._used_at = self._clock()
        return self._state

    def seconds_left(self) -> float | None:
        """Until it ends come what may; None where it need not."""
        if self._state is not State.LEAVING or self._patience.deadline == 0:
            return None
        return max(0.0, self._left_at + self._patience.deadline - self._clock())

    def is_over(self, occupancy: Occupancy) -> bool:
        """Whether the server may end now. To be asked every so often while it leaves."""
        if self._state is not State.LEAVING:
            return self._state is State.ENDED
        if occupancy.is_empty or self.seconds_left() == 0:
            return True
        if occupancy.in_use > 0:
            self._used_at = self._clock()
        return self._clock() - self._used_at >= self._patience.quiet
