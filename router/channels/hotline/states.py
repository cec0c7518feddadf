"""Calls and legs as tables: what may follow what. A leg is one telephone in a call."""

from enum import StrEnum


class Call(StrEnum):
    RINGING = "ringing"
    WITH_BOT = "with_bot"
    QUEUED = "queued"  # waits for a duty lawyer, hears the place in the queue
    OFFERED = "offered"  # a lawyer's telephone rings
    CONNECTED = "connected"  # two in the room
    THREE_WAY = "three_way"  # three or more
    HELD = "held"  # the citizen hears music, the others speak
    RECORDED = "recorded"  # a call-back is written down, the goodbye is being said
    ENDED = "ended"


class Leg(StrEnum):
    CREATED = "created"  # we have asked the carrier for it
    RINGING = "ringing"
    ANSWERED = "answered"  # on the line, outside the room
    IN_ROOM = "in_room"
    HELD = "held"
    ENDED = "ended"


class Role(StrEnum):
    CALLER = "caller"  # the citizen
    LAWYER = "lawyer"
    OPERATOR = "operator"  # of 110, who passes a call on to us
    POLICE = "police"  # 110, whom we have called
    ORGAN = "organ"  # another hotline or a mediation committee, to whom the talk is passed on


class Kind(StrEnum):
    """What a carrier tells of a leg."""

    RINGING = "ringing"
    ANSWERED = "answered"
    HEARD = "heard"  # keys, speech, or nothing
    JOINED = "joined"
    LEFT = "left"  # the room, not the line
    STAR = "star"  # staff pressed * in the room, and stand outside it now
    HELD = "held"
    UNHELD = "unheld"
    ENDED = "ended"


class Cause(StrEnum):
    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"


C, L = Call, Leg
_ROOM = frozenset({C.CONNECTED, C.THREE_WAY, C.HELD})

NEXT: dict[Call, frozenset[Call]] = {
    C.RINGING: frozenset({C.WITH_BOT, C.QUEUED, C.OFFERED, C.ENDED}),
    C.WITH_BOT: frozenset({C.QUEUED, C.OFFERED, C.RECORDED, C.ENDED}) | _ROOM,
    C.QUEUED: frozenset({C.WITH_BOT, C.OFFERED, C.RECORDED, C.ENDED}) | _ROOM,
    C.OFFERED: frozenset({C.WITH_BOT, C.QUEUED, C.RECORDED, C.ENDED}) | _ROOM,
    C.CONNECTED: frozenset({C.WITH_BOT, C.QUEUED, C.OFFERED, C.RECORDED, C.ENDED}) | _ROOM,
    C.THREE_WAY: frozenset({C.WITH_BOT, C.QUEUED, C.OFFERED, C.RECORDED, C.ENDED}) | _ROOM,
    C.HELD: frozenset({C.WITH_BOT, C.QUEUED, C.OFFERED, C.RECORDED, C.ENDED}) | _ROOM,
    C.RECORDED: frozenset({C.QUEUED, C.ENDED}) | _ROOM,
    C.ENDED: frozenset(),
}

_NEW = {
    Kind.ANSWERED: L.ANSWERED,
    Kind.HEARD: L.ANSWERED,
    Kind.JOINED: L.IN_ROOM,
    Kind.ENDED: L.ENDED,
}  # what was told of before may come after
MOVES: dict[Leg, dict[Kind, Leg]] = {
    L.CREATED: {Kind.RINGING: L.RINGING, **_NEW},
    L.RINGING: _NEW,
    L.ANSWERED: {Kind.JOINED: L.IN_ROOM, Kind.STAR: L.ANSWERED, Kind.ENDED: L.ENDED},
    L.IN_ROOM: {
        Kind.LEFT: L.ANSWERED,
        Kind.STAR: L.ANSWERED,
        Kind.HELD: L.HELD,
        Kind.ENDED: L.ENDED,
    },
    L.HELD: {
        Kind.UNHELD: L.IN_ROOM,
        Kind.LEFT: L.ANSWERED,
        Kind.ENDED: L.ENDED,
    },
    L.ENDED: {},
}

ON_THE_LINE = frozenset({L.ANSWERED, L.IN_ROOM, L.HELD})
LIVE = frozenset(Leg) - {L.ENDED}


def of_room(held: bool, people: int) -> Call | None:
    """What the room says of the call; None: nobody talks with anybody in it."""
    if people < 2:
        return None
    if held:
        return C.HELD
    return C.THREE_WAY if people > 2 else C.CONNECTED
