"""The answer in plain words for the citizen: at most 120 characters."""

from __future__ import annotations

from typing import Final

from router.eligibility.facts import FACTS
from router.eligibility.finding import Case, Outcome, Verdict
from router.eligibility.law import Law

LONGEST: Final = 120
_CLOSING: Final = "(预审，由法律援助机构决定)"
_SAY: Final = {
    Outcome.EMERGENCY_110: "请马上拨打110，有人受伤拨打120。先保证安全，法律援助的事之后再办。",
    Outcome.TERMINATE: "{text}，法律援助将终止。不服可以向司法局提出异议。",
    Outcome.WITHDRAWN: "{text}。补齐材料后可以重新申请。",
    Outcome.REMEDY: "可以向设立该机构的司法局提出异议，司法局5日内审查；不服还可以复议或起诉。",
    Outcome.HAS_LAWYER: "您已经请了律师或代理人，按{cite}一般不再提供援助律师。可拨打12348咨询。",
    Outcome.MUST_NOTIFY: "按{cite}，办案机关应当通知指派律师，不看收入。请告诉办案机关没有辩护人。",
    Outcome.MAY_NOTIFY: "法院可以通知指派律师，请向法院提出；经济困难的也可以自己申请。",
    Outcome.DUTY_LAWYER: "可以约见值班律师，不收费、不看收入。向看守所或办案机关提出。",
    Outcome.ELIGIBLE: "按您说的，可以申请法律援助律师。请带身份证、经济状况说明、案件材料。",
    Outcome.NO_HARDSHIP: "您可以申请法律援助律师，不看收入。请带身份证和案件材料。",
    Outcome.EXEMPT_VERIFICATION: "您可以申请法律援助律师，不核查收入。请带身份证、有关证明和材料。",
    Outcome.URGENT: "时间紧，请今天就申请，可以先提供援助、之后补材料。",
    Outcome.TRANSFER: "符合条件的话，{text}。",
    Outcome.NOT_MEANS: "{text}，按{cite}暂不符合经济困难条件。可拨打12348免费咨询{door}。",
    Outcome.OUT_OF_SCOPE: "{text}，按{cite}一般不提供援助律师。可拨打12348免费咨询{door}。",
    Outcome.CONSULT: "{text}，可拨打12348免费咨询。",
    Outcome.ROUTE: "{text}，请找{door}。也可拨打12348咨询。",
    Outcome.NEED_FACTS: "还需要知道：{question}。",
    Outcome.NEED_AGENCY: "{text}。这不是拒绝，可以直接申请。",
}


def in_full(case: Case, verdict: Verdict, law: Law) -> str:
    """A "no" carries article, 12348 and a door; `shorten` makes it fit."""
    cite = title(_deciding(verdict), law)
    doors = _doors(case, verdict, law)
    no = verdict.outcome in (Outcome.OUT_OF_SCOPE, Outcome.NOT_MEANS)
    asks = FACTS[verdict.asks].label if verdict.asks else "更多情况"
    said = _SAY[verdict.outcome].format(
        text=verdict.text, cite=cite, question=verdict.text or asks,
        door=(f"，或找{doors}" if no else doors) if doors else "",
    )  # fmt: skip
    if verdict.outcome is Outcome.NEED_FACTS and verdict.text:
        said = f"{verdict.text}。还需要知道：{asks}。"
    return said


def shorten(said: str) -> str:
    """Always says that it is a pre-screening."""
    return said[: LONGEST - len(_CLOSING)] + _CLOSING


def _deciding(verdict: Verdict) -> str:
    """The article to name: what a means test rests on is the standard, not the head."""
    if verdict.outcome is Outcome.NOT_MEANS:
        for cite in verdict.basis:
            if cite in ("LAL 34", "REG2003 13"):
                return cite
    return verdict.basis[0] if verdict.basis else ""


def _doors(case: Case, verdict: Verdict, law: Law) -> str:
    if verdict.outcome is Outcome.ROUTE:
        asked = "disputed" if case.peek("disputed") else str(case.peek("request"))
        return "、".join(law.doors.requests[asked])
    matter, role = case.peek("matter"), case.peek("role")
    if case.peek("party") in ("company", "other_org"):
        return "、".join(law.doors.groups["company"][:2])
    named = law.doors.matters.get(str(matter), ()) or law.doors.roles.get(str(role), ())
    return "、".join(named[:2])


def title(cite: str, law: Law) -> str:
    """《法律援助法》第三十一条 where we hold the article, else the citation itself."""
    article = law.articles.get(cite)
    return article.title if article else cite
