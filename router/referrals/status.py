"""A referral's state as a table: what may follow what, and what each end means in Chinese."""

from enum import StrEnum

from router.tickets.status import OUTCOMES as TICKET_OUTCOMES


class State(StrEnum):
    SENT = "sent"  # the other side has it, nobody there has answered
    ACCEPTED = "accepted"  # the other side works on it
    RETURNED = "returned"  # not theirs: back to who sent it, with a reason
    CLOSED = "closed"  # done, with an outcome


S = State

NEXT: dict[State, frozenset[State]] = {
    S.SENT: frozenset({S.ACCEPTED, S.RETURNED, S.CLOSED}),
    S.ACCEPTED: frozenset({S.RETURNED, S.CLOSED}),
    S.RETURNED: frozenset(),
    S.CLOSED: frozenset(),
}
LIVE = (S.SENT, S.ACCEPTED)  # somebody still owes an answer: the deadline runs

LABELS: dict[State, str] = {
    S.SENT: "等待接收",
    S.ACCEPTED: "已接收",
    S.RETURNED: "已退回",
    S.CLOSED: "已办结",
}

# What another organ may end with. The value beside it: the outcome of the ticket that waited for it
OUTCOMES: dict[str, tuple[str, str]] = {
    "done": ("已处理完毕", "guided"),
    "agreed": ("已达成调解协议", "referred_mediation"),
    "not_agreed": ("调解没有谈成", "referred_mediation"),
    "granted": ("决定给予法律援助", "aid_application"),
    "refused": ("决定不予法律援助", "aid_application"),
    "unreachable": ("联系不上当事人", "unreachable"),
    "withdrawn": ("当事人撤回", "withdrawn"),
}


def outcome_label(code: str) -> str:
    """Of another organ's end, or of our own ticket's where the referral ended with it."""
    return OUTCOMES[code][0] if code in OUTCOMES else TICKET_OUTCOMES.get(code, code)
