"""A ticket's status as a table: what may follow what, and who holds the floor meanwhile."""

from enum import StrEnum


class Status(StrEnum):
    OPEN = "open"  # waits for a duty lawyer
    OFFERED = "offered"  # shown to one duty lawyer, who may accept
    ACCEPTED = "accepted"  # owned by one duty lawyer
    RECORDED = "recorded"  # in another desk's queue (mediation), on the supervisor's list
    CLOSED = "closed"


S = Status

NEXT: dict[Status, frozenset[Status]] = {
    S.OPEN: frozenset({S.OFFERED, S.ACCEPTED, S.CLOSED}),  # ACCEPTED: a supervisor assigns it
    S.OFFERED: frozenset({S.ACCEPTED, S.OPEN, S.CLOSED}),  # OPEN: declined, expired, withdrawn
    # OPEN: handed back or taken back; OFFERED: handed over to a colleague
    S.ACCEPTED: frozenset({S.OPEN, S.OFFERED, S.ACCEPTED, S.CLOSED}),
    # OPEN: sent back by the other desk, or put in the lawyers' queue by a supervisor
    S.RECORDED: frozenset({S.OPEN, S.CLOSED}),
    S.CLOSED: frozenset(),
}

SPEAKER: dict[Status, str] = {
    S.OPEN: "bot",
    S.OFFERED: "bot",
    S.ACCEPTED: "lawyer",
    S.RECORDED: "bot",
    S.CLOSED: "bot",
}

# What a delivery begins with. CLOSED: nobody here owes anything more, the outcome is "guided".
FIRST: dict[str, Status] = {
    "offer": S.OPEN,
    "application": S.OPEN,  # a duty lawyer is the application's first reader
    "queue": S.RECORDED,
    "transfer": S.CLOSED,  # the citizen has been told where to go
    "information": S.CLOSED,
    "notice": S.CLOSED,  # an organ's notice of criminal aid: its file is an application
}

STATUS_LABELS: dict[Status, str] = {
    S.OPEN: "等待接听",
    S.OFFERED: "正在派单",
    S.ACCEPTED: "律师已接",
    S.RECORDED: "已登记",
    S.CLOSED: "已办结",
}

OUTCOMES: dict[str, str] = {
    "answered": "已解答",
    "guided": "已指引去处",
    "referred_mediation": "转人民调解",
    "aid_application": "转法律援助申请",
    "out_of_scope": "不属于受理范围",
    "unreachable": "联系不上当事人",
    "withdrawn": "当事人撤回",
}

MERGED = "merged"  # no outcome to choose: the other ticket goes on
ENDINGS: dict[str, str] = {**OUTCOMES, MERGED: "并入另一工单"}

# Why an offer was declined; the second half of the history's `reason`
DECLINES: dict[str, str] = {
    "talking": "正在和别的当事人说话",
    "unfamiliar": "不熟悉这类事情",
    "interest": "和当事人或对方有利害关系",
    "away": "暂时走不开",
}

LIVE = (S.OPEN, S.OFFERED, S.ACCEPTED)  # a duty lawyer has it or is still to get it
