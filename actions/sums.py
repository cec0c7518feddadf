"""Which sum in a message is the one at stake, what was already paid, what a month brings."""

from __future__ import annotations

import re
from typing import Any

from actions import days, figures
from actions.told_family import FAMILY_LABELS

_CLAUSE_END = re.compile(r"[，。；;！？!?\n、\s]|,(?!\d)")
_INCOME = re.compile(r"收入|挣|赚|退休金|养老金|低保金|到手|月入")
OWN = re.compile(r"我(?:自己)?(?:大概|差不多|就|也)*")  # 我两千一: what the speaker earns
_OFFER = re.compile(
    r"(?:只|才|愿意?|答应|同意|肯|说|要|认|就|保险)(?:说)?(?:只|就|肯)?(?:赔|给|退)(?!了|"
    r"过)"
)
_PAID = re.compile(
    r"(?:还|发|付|给|退|赔|垫)(?:了|过)|已(?:经)?(?:还|付|发|给|退|赔|垫)|先给|只给|垫付"
)
_REPAID = re.compile(r"(?:还|退)(?:了|过)|已(?:经)?还")
_DEDUCT = re.compile(r"减掉|扣掉|扣除|除去|除掉|刨去|刨掉|减去|抵掉|还剩|剩下")
_TOO_LITTLE = re.compile(r"少(?:给|发|付|补|赔|算|结)(?:了|我们?|俺们?)*$")
_ONE_MONTH = re.compile(r"(?:头|第|上|前|那|这)一?个月")  # what came once is no rate
_TOTAL = re.compile(r"一共|总共|合计|加起来|共计|总计|拢共")
_BETTER = re.compile(r"准确|确切|不对|不是|更正|纠正|改|说错|记错|应该是|其实|实际|算下来|正好")
_ABOUT = re.compile(r"多|来|几|左右|大概|差不多|大约|上下|好像|约")
# Where the citizen's own payment is what the quarrel is about.
_PAYS = {
    "consumer",
    "housing",
    "contract",
    "medical",
    "company",
    "intellectual_property",
    "criminal",
    "foreign_related",
    "procedure",
    "notary",
    "other",
    "traffic_accident",
    "injury_tort",
}
_OF_KIN = re.compile(
    r"(?:他|她|爸|妈|父亲|母亲|哥|姐|弟|妹|老公|老婆|丈夫|妻子|媳妇|爱人|儿子|女儿)[^，。]*$"
)
_WAGE = re.compile(
    r"(?:我)?(?:的)?(?:底薪|月薪|工资|薪水|薪资)(?:一直)?(?:是|有|才|就)?(?:一个月|每月)?"
)
_BY_OTHERS = re.compile(r"老板|公司|厂|对方|他们?|她们?|包工头|单位|司机|保险")
_OF_THE_HOUSEHOLD = {"household_size", "household_income", "income_pc", "applicant_income"}
_WAGE_LABELS = {"labour_pay", "labour_other", "work_injury", "maritime"}


def take(
    text: str,
    label: str | None,
    facts: dict[str, Any],
    details: dict[str, Any],
    asked: str | None,
    corrects: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """New facts (amount) and details (wage, months, paid, offer) of one message."""
    text = re.sub(r"扣掉|扣除|减去|刨去|刨掉|除去|除掉", "减掉", figures.plain(text))
    stakes: list[tuple[float, str]] = []
    new: dict[str, Any] = {}
    paid = 0.0
    for sum_ in figures.money(text, expected=asked == "amount"):
        clause = _clause(text, sum_.start, sum_.end)
        before = clause.split(sum_.words)[0]
        if (
            _INCOME.search(clause + text[max(0, sum_.start - 12) : sum_.start])
            and asked != "amount"
        ) or (label in FAMILY_LABELS and asked != "amount" and OWN.fullmatch(before)):
            continue
        if sum_.per and asked in _OF_THE_HOUSEHOLD and not corrects:  # 一个月两千: to live on
            continue
        if sum_.per and not _ONE_MONTH.search(before):
            theirs = _OF_KIN.search(text[max(0, sum_.start - 10) : sum_.start])
            if sum_.per == "month" and label in _WAGE_LABELS and not theirs:
                new["wage"] = _shown(sum_.value)
            new["rate"] = (
                f"{_shown(sum_.value)}/{ {'month': '月', 'year': '年', 'day': '天'}[sum_.per] }"
            )
        elif label in _WAGE_LABELS and _WAGE.fullmatch(before):
            new["wage"] = _shown(sum_.value)
        elif _OFFER.search(before) or (
            label == "land_demolition"
            and not _TOO_LITTLE.search(before)
            and re.search(r"(?:给|补|赔|补偿)(?:了|我们?|俺们?)*$", before)
        ):
            new["offer"] = _shown(sum_.value)
        elif _was_paid(before, label):
            paid += sum_.value
        else:
            stakes.append((sum_.value, clause))
    if paid:
        new["paid"] = _shown(paid)
    months = _months(text, label, corrects)
    if months:
        new["months"] = months
    return _amount(text, stakes, new, facts, details, asked, label, corrects), new


def _amount(
    text: str,
    stakes: list[tuple[float, str]],
    new: dict[str, Any],
    facts: dict[str, Any],
    details: dict[str, Any],
    asked: str | None,
    label: str | None,
    corrects: bool,
) -> dict[str, Any]:
    known = facts.get("amount")
    amount: float | None = None
    if stakes:
        totals = [value for value, clause in stakes if _TOTAL.search(clause)]
        if totals or corrects or _BETTER.search(text) or asked == "amount":
            amount = (totals or [value for value, _ in stakes])[-1]
        elif known is None or details.get("amount_from") in ("about", "rate"):
            amount = max(value for value, _ in stakes)
    wage, months = new.get("wage", details.get("wage")), new.get("months", details.get("months"))
    told_rate = "wage" in new or "months" in new
    source = "about" if amount and any(_ABOUT.search(c) for _, c in stakes) else "told"
    if (
        amount is None
        and label == "labour_pay"
        and wage
        and months
        and told_rate
        and (known is None or details.get("amount_from") == "rate")
    ):
        amount, source = float(wage * months), "rate"
    if new.get("paid") and _DEDUCT.search(text):
        base = amount if amount is not None else known
        if base and base > new["paid"]:
            amount, source = base - new["paid"], "less_paid"
    if not amount:
        return {}
    new["amount_from"] = source
    return {"amount": _shown(amount)}


def _was_paid(before: str, label: str | None) -> bool:
    if re.search(r"借给", before) or _TOO_LITTLE.search(before):
        return False
    if re.search(_DEDUCT.pattern + "$", before):
        return True
    if re.search(r"(?<!我)(?:就|只|才)(?:拿|掏|出)了?$", before):
        return True
    if label == "debt":
        return _REPAID.search(before) is not None
    if label in _PAYS:
        return _PAID.search(before) is not None and _BY_OTHERS.search(before) is not None
    return _PAID.search(before) is not None


def _months(text: str, label: str | None, corrects: bool) -> int | None:
    if label not in ("labour_pay", "support_custody", "marriage", "maritime"):
        return None
    rest = re.sub(
        r"(?:一个月|每个月|一年)(?=[^，。；,;]{0,8}[\d一二两三四五六七八九十])(?!没|不|未)",
        "",
        text,
    )
    owed = r"没|不(?:给|发|付|还|管|养)|未|欠|拖|停|压|扣"
    clauses = [c for c in _CLAUSE_END.split(rest) if c and (corrects or re.search(owed, c))]
    return days.months("，".join(clauses))


def _clause(text: str, start: int, end: int) -> str:
    ends = [m.start() for m in _CLAUSE_END.finditer(text)]
    left = max((e + 1 for e in ends if e < start), default=0)
    right = min((e for e in ends if e >= end), default=len(text))
    return text[left:right]


def _shown(value: float) -> float | int:
    return int(value) if value == int(value) else value
