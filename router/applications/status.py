"""An application's state as a table: what may follow what, whose clock runs, what people read."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"  # the form is being filled in
    SUBMITTED = "submitted"  # received: the review runs
    SUPPLEMENT = "supplement"  # the applicant was told, once, everything that is missing
    SUPPLEMENTED = "supplemented"  # it came: the review goes on
    ACCEPTED = "accepted"  # aid is given, a lawyer is to be assigned
    REFUSED = "refused"
    TRANSFERRED = "transferred"  # to the institution that is competent
    ASSIGNED = "assigned"  # a lawyer has the case
    OBJECTED = "objected"  # the bureau looks at the refusal
    UPHELD = "upheld"  # it stands
    WITHDRAWN = "withdrawn"  # by the applicant, or deemed so: nothing was supplied
    TERMINATED = "terminated"  # aid ends before the case does
    RETURNED = "returned"  # an organ's notice that is not for us: back to it
    ENDED = "ended"  # the matter is over, the lawyer owes the report
    CLOSED = "closed"  # the report is in


S = State

NEXT: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.SUPPLEMENT, S.ACCEPTED, S.REFUSED, S.TRANSFERRED, S.WITHDRAWN}),
    S.SUPPLEMENT: frozenset({S.SUPPLEMENTED, S.WITHDRAWN, S.ACCEPTED}),  # ACCEPTED: 先行提供
    S.SUPPLEMENTED: frozenset({S.ACCEPTED, S.REFUSED, S.TRANSFERRED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.ASSIGNED, S.TERMINATED, S.RETURNED}),
    S.REFUSED: frozenset({S.OBJECTED}),
    S.TRANSFERRED: frozenset(),
    S.ASSIGNED: frozenset({S.ENDED, S.TERMINATED, S.ACCEPTED}),  # ACCEPTED: another lawyer
    S.ENDED: frozenset({S.CLOSED}),
    S.OBJECTED: frozenset({S.ACCEPTED, S.UPHELD}),
    S.UPHELD: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.TERMINATED: frozenset({S.OBJECTED}),
    S.RETURNED: frozenset(),
    S.CLOSED: frozenset(),
}
UNDER_REVIEW = (S.SUBMITTED, S.SUPPLEMENTED)
OBJECTABLE = (S.REFUSED, S.TERMINATED)  # what runs here is the clock of who may object
OPEN = tuple(state for state in State if NEXT[state] and state not in (S.DRAFT, *OBJECTABLE))

# Moves that leave the state as it is, in the history
NOTES: dict[str, str] = {
    "warned": "快到期限，已提醒",
    "overdue": "已过期限，已告警",
    "reminded": "快到期限，已提醒当事人",
    "prior_reminded": "补办手续快到期限，已提醒当事人",
    "late_pass": "机关转交时已超过 24 小时",
    "relatives_told": "家属已知道要协助提供材料",
    "prior": "先行提供法律援助，手续后补",
    "prior_supplied": "当事人已补办手续",
    "prior_confirmed": "手续已补齐",
    "prior_warned": "补办手续快到期限，已提醒",
    "prior_overdue": "补办手续已过期限，已告警",
    "asked": "征询律师意见",
    "declined": "不接受指派",
    "silent": "到期没有答复",
    "nobody": "合适的律师都问过了，请另行指派",
    "reported": "律师报告可能应当终止",
    "drafted_accepted": "起草：给予法律援助，等另一位主管确认",
    "drafted_refused": "起草：不予法律援助，等另一位主管确认",
    "drafted_terminated": "起草：终止法律援助，等另一位主管确认",
    "draft_sent_back": "复核不通过，退回起草的人",
    "draft_taken_back": "起草的人收回",
    "signed": "委托协议已签订",
    "progress": "办案进展",
    "news": "办案进展（受援人能看到）",
}

# Moves of the reviewers among themselves
DRAFTING = tuple(name for name in NOTES if name.startswith("draft"))

LABELS: dict[State, str] = {
    S.DRAFT: "正在填写",
    S.SUBMITTED: "已提交，等待审查",
    S.SUPPLEMENT: "需要您补充",
    S.SUPPLEMENTED: "已补充，继续审查",
    S.ACCEPTED: "决定给予法律援助",
    S.REFUSED: "决定不予法律援助",
    S.TRANSFERRED: "已转给有管辖权的机构",
    S.ASSIGNED: "已指派律师",
    S.OBJECTED: "已提出异议",
    S.UPHELD: "异议审查：维持原决定",
    S.WITHDRAWN: "申请已撤回",
    S.TERMINATED: "决定终止法律援助",
    S.RETURNED: "已退回通知机关",
    S.ENDED: "援助已办结，等办案报告",
    S.CLOSED: "援助已办结",
}

# What happens next, for the applicant; {due} is the last day of the clock that runs
NEXT_STEP: dict[State, str] = {
    S.DRAFT: "填完以后提交。没提交以前，机构看不到，也不计时。",
    S.SUBMITTED: "法律援助机构正在审查，{due}前作出决定。",
    S.SUPPLEMENT: "请在{due}前补充。这是一次性告知，补齐后接着审查；到期没有补充的，视为撤回申请。",
    S.SUPPLEMENTED: "法律援助机构接着审查，{due}前作出决定。",
    S.ACCEPTED: "机构在{due}前指派律师，指派后会在这里告诉您。",
    S.REFUSED: "不服的，可以在{due}前提出异议。值班律师的免费咨询不受影响，请打 12348。",
    S.TRANSFERRED: "接下来由那家机构审查，请凭回执号向它查询。",
    S.ASSIGNED: "请等律师联系您，也可以主动联系法律援助机构。",
    S.OBJECTED: "司法行政部门正在审查，{due}前答复您。",
    S.UPHELD: "仍不服的，可以依法申请行政复议或者提起行政诉讼。",
    S.WITHDRAWN: "需要时可以重新申请。",
    S.TERMINATED: "不服的，可以在{due}前提出异议。值班律师的免费咨询不受影响，请打 12348。",
    S.RETURNED: "请向通知机关询问。",
    S.ENDED: "案件已经办完，律师在{due}前向机构交办案报告。需要时可以再来咨询或者申请。",
    S.CLOSED: "需要时可以再来咨询或者申请。",
}
SIGNING = "请等律师联系您。律师所在的机构应当在{due}前和您签订委托协议。"


def next_step(state: State, due: str) -> str:
    """`due`: the last day of the clock that runs, in words; empty: none does."""
    text = SIGNING if state is S.ASSIGNED and due else NEXT_STEP[state]
    return text.format(due=due)


TONES: dict[State, str] = {
    S.SUBMITTED: "warn",
    S.SUPPLEMENT: "info",
    S.SUPPLEMENTED: "warn",
    S.ACCEPTED: "good",
    S.ASSIGNED: "good",
    S.OBJECTED: "warn",
}
