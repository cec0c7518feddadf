"""A mediation's state as a table: what may follow what, and what each is called in Chinese."""

from enum import StrEnum


class State(StrEnum):
    PROPOSED = "proposed"  # one side or a lawyer wants it; the committee is to ask the other side
    INVITED = "invited"  # the other side has been asked
    AGREED = "agreed"  # both consents are on record
    IN_SESSION = "in_session"  # they have met at least once
    AGREEMENT = "agreement"  # reached; the 30 days for the court run
    FILED = "filed"  # both have asked the court to confirm it
    CONFIRMED = "confirmed"  # the court has: it can be enforced
    NOT_CONFIRMED = "not_confirmed"  # the court has refused
    LAPSED = "lapsed"  # the 30 days are over; the agreement itself stays binding
    NO_AGREEMENT = "no_agreement"
    WITHDRAWN = "withdrawn"  # one side has agreed before and goes
    REFUSED = "refused"  # one side clearly does not want it (人民调解法 17)
    BARRED = "barred"  # violence: never to be mediated
    RETURNED = "returned"  # the committee cannot take it


S = State

NEXT: dict[State, frozenset[State]] = {
    S.PROPOSED: frozenset({S.INVITED, S.REFUSED, S.WITHDRAWN, S.BARRED, S.RETURNED}),
    S.INVITED: frozenset({S.AGREED, S.REFUSED, S.WITHDRAWN, S.BARRED, S.RETURNED}),
    S.AGREED: frozenset({S.IN_SESSION, S.WITHDRAWN, S.BARRED, S.RETURNED}),
    S.IN_SESSION: frozenset(
        {S.IN_SESSION, S.AGREEMENT, S.NO_AGREEMENT, S.WITHDRAWN, S.BARRED}  # itself: met again
    ),
    S.AGREEMENT: frozenset({S.FILED, S.LAPSED}),
    S.FILED: frozenset({S.CONFIRMED, S.NOT_CONFIRMED}),
    S.LAPSED: frozenset({S.FILED}),  # filed in time, but written down later
    S.CONFIRMED: frozenset(),
    S.NOT_CONFIRMED: frozenset(),
    S.NO_AGREEMENT: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.REFUSED: frozenset(),
    S.BARRED: frozenset(),
    S.RETURNED: frozenset(),
}
OPEN = (S.PROPOSED, S.INVITED, S.AGREED, S.IN_SESSION)  # the committee still owes an outcome
AT_COURT = (S.AGREEMENT, S.FILED)  # reached, and the court's part is not over
FAILED = (
    S.NO_AGREEMENT,
    S.WITHDRAWN,
    S.REFUSED,
    S.BARRED,
    S.RETURNED,
)  # the citizen needs another door
SUCCESS = (S.AGREEMENT, S.FILED, S.CONFIRMED, S.NOT_CONFIRMED, S.LAPSED)  # an agreement was reached

LABELS: dict[State, str] = {
    S.PROPOSED: "等待联系对方",
    S.INVITED: "已邀请对方",
    S.AGREED: "双方同意调解",
    S.IN_SESSION: "调解中",
    S.AGREEMENT: "已达成协议",
    S.FILED: "已申请司法确认",
    S.CONFIRMED: "法院已确认",
    S.NOT_CONFIRMED: "法院没有确认",
    S.LAPSED: "没有在30日内申请确认",
    S.NO_AGREEMENT: "没有谈成",
    S.WITHDRAWN: "已撤回",
    S.REFUSED: "一方不同意",
    S.BARRED: "不适合调解",
    S.RETURNED: "调委会退回",
}
SIDES = {"applicant": "申请人", "respondent": "对方"}
WAYS = {"phone": "电话", "in_person": "当面", "written": "书面", "online": "网上"}
FORMS = {"written": "书面协议", "oral": "口头协议"}
