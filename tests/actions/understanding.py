"""Stands in for the model where there is none: a label per dialogue, acts by their words."""

import datetime as dt
import re

from actions.heard import Heard
from bot.language import spans

TODAY = dt.date(2026, 9, 10)
ACTS = {
    "dont_know": r"^(?:不知道|不清楚|说不好)$",
    "nothing_more": r"^没有了$",
    "ask_human": r"转人工|找真人|接个真人|人工客服",
    "ask_why": r"为什么问|问这个干|凭啥要?问",
    "ask_fee": r"收费吗|要钱[吗不]",
    "ask_hotline": r"电话是多少|打哪个电话",
    "ask_hours": r"几点[上下]班|上班不",
    "ask_who": r"你是谁|机器人吗|真人还是机器",
    "ask_status": r"到哪一步了|进度|说到哪",
    "start_over": r"^(?:重新来|从头)",
    "go_back": r"上一(?:个|步)|退回",
    "abuse": r"废物|滚",
    "impatience": r"快点|急死",
    "only_advice": r"只是?想?问问",
    "want_mediation": r"能调解|说和",
    "goodbye": r"^先这样",
    "greet": r"^(?:在吗?|你好|您好)$",
    "thanks": r"^(?:好的)?谢谢",
    "affirm": r"^(?:好的?|行|嗯|是的?|好吧|知道了)$",
    "deny": r"^(?:不|没有|不是)$",
}


def hear(
    text: str,
    label: str | list[str] | None = None,
    danger: list[str] | None = None,
    message_id: str = "m1",
    intent: str | None = None,
    today: dt.date = TODAY,
) -> Heard:
    """What Rasa would hand over for this text."""
    act = intent or next((name for name, words in ACTS.items() if re.search(words, text)), "tell")
    names = [label] if isinstance(label, str) else list(label or [])
    chance = 0.9 if len(names) == 1 else 0.3
    ranking = [(name, chance) for name in names] or [("other", 0.3), ("procedure", 0.25)]
    return Heard(
        text=text, intent=act, confidence=0.9, ranking=ranking, spans=spans.read(text).as_dict(),
        danger=danger or [], conversation="c" * 32, message_id=message_id, today=today,
    )  # fmt: skip
