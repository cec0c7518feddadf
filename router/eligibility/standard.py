"""What a data row holds the facts against, in words."""

from __future__ import annotations

from router.eligibility.facts import FACTS, GROUPS, MATTERS
from router.eligibility.law import When


def in_words(when: When, proof: bool = False) -> str:
    """Every condition of the row; empty: it has none."""
    said = []
    if when.matters:
        said.append(f"事项为{_any(when.matters, MATTERS)}")
    if when.except_matters:
        said.append(f"事项不是{_any(when.except_matters, MATTERS)}")
    if when.groups:
        said.append(f"{'有证明的' if proof else ''}{_any(when.groups, GROUPS)}")
    if when.disabled:
        said.append("有证明的残疾人")
    if when.civil:
        said.append("民事案件的当事人")
    if when.age_from is not None:
        said.append(f"年满{when.age_from}岁")
    if when.protected:
        said.append("未成年人、老年人或残疾人")
    if when.illness:
        said.append("患有重大疾病")
    if when.codefendant_has_lawyer:
        said.append("同案其他人已有辩护人")
    if when.protest:
        said.append("检察院已抗诉")
    for name in ("party", "role", "repeat", "violence", "temporary_hardship"):
        wanted = getattr(when, name)
        if wanted:
            words = wanted if isinstance(wanted, str) else "、".join(sorted(_listed(wanted)))
            said.append(f"{FACTS[name].label}：{words}")
    if when.act_recognised is not None:
        said.append(f"见义勇为{'已经' if when.act_recognised else '没有'}认定")
    if when.amount_below is not None:
        said.append(f"争议金额低于{when.amount_below:.10g}元")
    return "，".join(said)


def _any(names: frozenset[str], labels: dict[str, str]) -> str:
    return "或".join(labels[name] for name in labels if name in names)


def _listed(wanted: object) -> list[str]:
    return [str(one) for one in wanted] if isinstance(wanted, frozenset) else ["有"]
