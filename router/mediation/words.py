"""What a citizen is told of a mediation, in plain words."""

from collections.abc import Sequence
from datetime import date, datetime

from router.clock import CHINA
from router.mediation import clocks
from router.mediation.choosing import Choice
from router.mediation.models import Committee, Mediation, MediationEvent
from router.mediation.status import FAILED, FORMS, LABELS, State

S = State
NOBODY_SAID = "值班时间请打电话问。"
LAWYER_GOES_ON = "我们已经安排值班律师接着帮您，您说过的内容都在，不用重说。"
ALARMED = "如果有人要动手，或者您觉得危险，请马上拨打 110，有人受伤拨打 120。我们已经通知值班律师。"
LAPSED = (
    "30日已经过了，我们没有记到司法确认的申请。协议仍然有约束力；"
    "对方不照办的，可以点“转人工”，请值班律师告诉您下一步。"
)
NOT_CONFIRMED = (
    "法院没有确认这份调解协议。可以和对方再谈一次，也可以去法院起诉；"
    "点“转人工”，值班律师告诉您怎么办。"
)


def of(
    event: MediationEvent, row: Mediation, choice: Choice | None, doors: Sequence[str],
    warnings: Sequence[str],
) -> str:  # fmt: skip
    """The line about one event. `doors`: where else the citizen can go; `warnings`: time limits."""
    if event.move == "reminded":
        return reminder(row, int(event.data["left"]), choice)
    if event.move == "alarmed":
        return ALARMED
    if event.move in FAILED:
        goes_on = event.data.get("case") != "closed"
        return failed(State(event.move), event.words, doors, warnings, goes_on)
    assert choice
    name = choice.committee.name
    if event.move in (S.PROPOSED, "given_to"):
        return begun(choice, again=event.move == "given_to")
    if event.move == "message":
        return f"{name}的调解员说：{event.words}\n电话 {choice.committee.phone}"
    if event.move == S.AGREEMENT:
        return agreement(row, name)
    return {
        S.INVITED: f"{name}已经邀请对方来调解，正在等对方答复。",
        S.AGREED: f"您和对方都同意调解。{name}会和你们约时间，请留意电话。",
        S.IN_SESSION: f"{name}记下了一次调解。有了结果，会在这里告诉您。",
        S.FILED: "已经记下：双方向人民法院申请了司法确认。法院有了结果，会在这里告诉您。",
        S.CONFIRMED: "法院已经确认调解协议有效。对方不照办的，可以向法院申请强制执行。",
        S.NOT_CONFIRMED: NOT_CONFIRMED,
        S.LAPSED: LAPSED,
    }[State(event.move)]


def begun(choice: Choice, again: bool = False) -> str:
    one = choice.committee
    return (
        f"您的调解{'改' if again else ''}由{one.name}办理（{where(one)}）。{presence(choice)}"
        "不收费。调解员先问对方愿不愿意，对方明确不愿意的就不调解，会告诉您别的路。"
    )


def where(committee: Committee) -> str:
    return f"{committee.address}，电话 {committee.phone}"


def presence(choice: Choice) -> str:
    """Whether somebody is there now, else when."""
    if choice.there:
        return "现在有调解员在岗。"
    said = "现在没有调解员在岗，"
    said += f"{_from(choice.opens)}起有人。" if choice.opens else NOBODY_SAID
    if (other := choice.sooner) and other.opens:
        one = other.committee
        said += f"等不了，可以先找{one.name}（{where(one)}），{_from(other.opens)}起有人。"
    return said


def _from(opens: datetime) -> str:
    at = opens.astimezone(CHINA)
    return f"{at.month}月{at.day}日 {at:%H:%M} "


def agreement(row: Mediation, name: str) -> str:
    assert row.effective_on and row.confirm_by
    return (
        f"您和对方达成了{FORMS[row.form or 'oral']}，{day(row.effective_on)}起生效，"
        "对双方都有约束力。"
        f"双方可以在{day(row.confirm_by)}前（含当天）一起向人民法院申请司法确认，"
        f"确认以后对方不照办，可以申请强制执行。到期前会在这里提醒您，怎么办可以问{name}。"
    )


def reminder(row: Mediation, left: int, choice: Choice | None) -> str:
    assert row.confirm_by
    how_long = f"还有 {left} 天" if left else "就是今天"
    ask = f"已经申请了，或者不知道怎么办，请打{where(choice.committee)}。" if choice else ""
    return (
        f"提醒：双方一起向人民法院申请司法确认，最后一天是{day(row.confirm_by)}，{how_long}。{ask}"
    )


def failed(
    to: State, why: str, doors: Sequence[str], warnings: Sequence[str], goes_on: bool = True
) -> str:
    """`goes_on`: with a duty lawyer."""
    head = {
        S.BARRED: "这件事不能用调解解决",
        S.REFUSED: "有一方不愿意调解，调解不再进行",
        S.WITHDRAWN: "调解已经撤回",
        S.NO_AGREEMENT: "调解没有谈成",
        S.RETURNED: "调解委员会没有接办这件事",
    }[to]
    reason = f"：{why.rstrip('。')}" if why else ""
    lines = [f"{head}{reason}。{LAWYER_GOES_ON if goes_on else ''}"]
    if to is S.BARRED:
        lines.append("遇到危险请马上拨打 110。")
    if doors:
        lines.append(f"还可以走的路：{'、'.join(doors)}。")
    lines += [f"请注意期限：{one}" for one in warnings]
    return "\n".join(lines)


def standing(row: Mediation, committee: Committee | None, now: datetime) -> str:
    """Where it stands, for who asks."""
    said = f"人民调解：{LABELS[State(row.status)]}。"
    if committee:
        said += f"由{committee.name}办理，电话 {committee.phone}。"
    if row.status == S.AGREEMENT and row.confirm_by:
        days = clocks.left(now, row.confirm_by)
        said += f"双方一起申请司法确认，最后一天是{day(row.confirm_by)}，还有 {max(days, 0)} 天。"
    return said


def day(one: date) -> str:
    return f"{one.year}年{one.month}月{one.day}日"
