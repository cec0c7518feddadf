"""What is written to a citizen's telephone: no name, no matter, no address of the web."""

from collections.abc import Sequence
from datetime import datetime

from router.clock import CHINA
from router.mediation.texts import INVITE, MEETING, OFF, TASK

REFERENCE, CALL_BACK, PAPERS = "reference", "call_back", "papers"
OPEN, CALL_US, CODE = "open", "call_us", "code"  # from a case, see cases.py
LETTER, LETTER_WAITS = LETTERS = ("letter", "letter_waits")  # see letters.py
FROM = "12348公共法律服务热线："
TEXTS = {
    INVITE: "{committee}邀请您参加人民调解，是否参加由您决定。请打开{link}查看并答复，"
    "这个链接只能在一部手机上打开。有疑问请打{phone}。",
    TASK: "有一件人民调解请您办理，请打开{link}，这个链接只能在一部手机上打开。",
    MEETING: "{committee}：调解定在{when}。地点见您收到的链接，来不了请打{phone}。",
    OFF: "{committee}：约好的调解时间有变化，请打开您收到的链接查看，或者打{phone}。",
    REFERENCE: "您的编号是{reference}，查询码{code}，凭这两样可以查询办到哪一步。",
    CALL_BACK: "您的编号是{reference}，{when}，请留意接听。",
    PAPERS: "您的编号是{reference}。办理时请带上：{papers}。",
    OPEN: "您的编号是{reference}，值班律师有话告诉您，请打开微信公众号查看，或者拨打12348。",
    CALL_US: "您的编号是{reference}，值班律师有话告诉您，请拨打12348，报这个编号。",
    LETTER: "您的申请{reference}有一份文书，请打开{link}，凭申请编号和查询码阅读，"
    "只能打开一次，7天内有效。没有查询码请打12348。",
    LETTER_WAITS: "您的申请{reference}有一份文书，{way}。有疑问请打12348。",
    CODE: "验证码{code}，10分钟内有效，用来在微信公众号里接上您的事。请不要告诉别人。",
}
SOON = "值班律师会尽快给您回电"
FROM_THEN = "现在没有律师在岗，{month}月{day}日{hour}:{minute:02}上岗后给您回电"
WAYS = {
    "link": "请打开申请页面，凭申请编号和查询码阅读",
    "courier": "已经用快递寄出，请留意接收",
    "pickup": "请带身份证件到法律援助机构领取",
}
MOST_PAPERS = 120  # characters: the whole fits the 500 that a carrier takes


def when(starts_at: datetime | None) -> str:
    """`starts_at`: of the next shift, where nobody is on duty."""
    if starts_at is None:
        return SOON
    at = starts_at.astimezone(CHINA)
    return FROM_THEN.format(month=at.month, day=at.day, hour=at.hour, minute=at.minute)


def way(of_letter: str) -> dict[str, str]:
    return {"way": WAYS[of_letter]}


def papers(named: Sequence[str]) -> str:
    kept = named[:1]
    while len(kept) < len(named) and len("；".join(named[: len(kept) + 1])) <= MOST_PAPERS:
        kept = named[: len(kept) + 1]
    return "；".join(kept)


def text(template: str, blanks: dict[str, str]) -> str:
    return FROM + TEXTS[template].format(**blanks)
