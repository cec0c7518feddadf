"""What is said of appointments and doors, in plain words."""

from datetime import datetime

from router.clock import CHINA
from router.mediation.models import Committee, MediationEvent, MediationMeeting

WEEK = "一二三四五六日"
CALL = "来不了，请提前打电话给{name}：{phone}。"
HISTORY = {  # moves that the mediators see in the history
    "door_committee": "给了调解员一个办理链接",
    "door_respondent": "给了对方一个答复链接",
    "door_closed": "收回了链接",
    "meeting_offered": "请对方选时间",
    "meeting_set": "定了调解时间",
    "meeting_moved": "改了调解时间",
    "meeting_off": "取消了约好的时间",
    "meeting_soon": "提醒了双方按时来",
}
GUESTS = {"committee": "调解员（凭链接）", "respondent": "对方（凭链接）"}


def moment(at: datetime) -> str:
    here = at.astimezone(CHINA)
    return f"{here.month}月{here.day}日（周{WEEK[here.weekday()]}）{here:%H:%M}"


def told(event: MediationEvent, meeting: MediationMeeting, committee: Committee) -> str:
    """The line to the citizen about an appointment."""
    when, name = moment(meeting.at), committee.name
    call = CALL.format(name=name, phone=committee.phone)
    why = f"原因：{event.words.rstrip('。')}。" if event.words else ""
    if event.move == "meeting_off":
        return f"{when}的调解取消了。{why}新的时间定了会告诉您。有事请打{name}：{committee.phone}。"
    if event.move == "meeting_moved":
        return f"调解改到{when}，地点：{meeting.place}。{why}{call}"
    if event.move == "meeting_soon":
        return f"提醒：{when}调解，地点：{meeting.place}。{call}"
    return f"调解定在{when}，地点：{meeting.place}。{call}"


def next_one(meeting: MediationMeeting | None) -> str:
    return f"下次调解：{moment(meeting.at)}，{meeting.place}。" if meeting else ""
