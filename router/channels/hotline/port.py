"""The telephony port: what we ask of a carrier, and what it tells us. Two adapters know more."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from router.channels.hotline.states import Cause, Kind


@dataclass(frozen=True)
class Script:
    """What a leg hears, and what follows: one at a time, a new one replaces it at once."""

    say: tuple[str, ...] = ()
    then: Literal["listen", "join", "hang_up"] = "listen"
    slow: bool = False
    keys: int = 1  # listen: so many digits at most, # ends them
    seconds: int = 8  # listen: of silence, then Kind.HEARD with nothing
    speech: bool = True  # listen: not only keys
    menu: bool = False  # join: * leads out of the room again
    purpose: str = ""  # ours: who hears the answer, see service.py
    options: tuple[str, ...] = ()  # ours: what key 1, 2, … stands for

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Script":
        given = dict(told)
        for name in ("say", "options"):
            given[name] = tuple(given.get(name, ()))
        return cls(**given)


@dataclass(frozen=True)
class Event:
    """One thing that happened to one leg. `key` names it for ever: a second one has no effect."""

    key: str
    leg_id: str
    kind: Kind
    cause: Cause = Cause.NORMAL  # of ENDED
    keys: str = ""  # of HEARD
    speech: str = ""
    sure: float = 1.0  # of the speech
    script_no: int = 0  # of HEARD and STAR: the script that was answered
    room: str = ""  # of JOINED, LEFT, HELD, UNHELD: which meeting of the room it was
    order: int = 0  # within that meeting, where the carrier counts
    at: int = 0  # the carrier's own seconds, where it tells them
    data: dict[str, Any] = field(default_factory=dict)  # for the log; nothing personal


@dataclass(frozen=True)
class Line:
    """One leg, as an adapter needs it."""

    leg_id: str
    call_id: str  # also the name of the room
    ref: str | None  # the carrier's own id; none: not known yet
    answered: bool
    room_ref: str | None = None  # the carrier's own id of the room


class CarrierError(Exception):
    """`wait`: it was not done, try again after so many seconds. `gone`: there is no such leg any
    more. `unknown`: it may have taken effect. None of them: it never will."""

    def __init__(
        self, code: str, *, wait: float | None = None, gone: bool = False, unknown: bool = False
    ) -> None:
        super().__init__(code)
        self.code, self.wait, self.gone, self.unknown = code, wait, gone, unknown


class Carrier(Protocol):
    """answer, say, gather, join and hang up are `run`; leave is `hang_up` of who is in a room;
    transfer is `call_out` and a join. Everything may raise CarrierError."""

    name: str

    def dials(self, number: str) -> bool:
        """Whether it can be called at all: not every carrier reaches 110."""

    async def call_out(self, line: Line, to: str, ring_s: int, again: bool) -> str | None:
        """Rings a telephone; the leg's script runs when it is answered. The carrier's id.

        `again`: it was asked before and nobody knows whether that took effect.
        """

    async def run(self, line: Line, script: Script, no: int) -> None: ...

    async def hold(self, line: Line, on: bool) -> None: ...

    async def hang_up(self, line: Line) -> None: ...

    async def record(self, line: Line, on: bool) -> None:
        """From here on; off: what is recorded until then is kept."""

    def fetch(self, recording: str) -> AsyncIterator[bytes]:
        """The sound of a recording that is ready, piece by piece."""

    async def delete(self, recording: str) -> None:
        """At the carrier. One that is not there is deleted."""

    async def ended(self, line: Line) -> Cause | None:
        """Why the carrier knows that leg no more; None: it lives. For reconciling."""
