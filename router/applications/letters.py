"""Letters as drafted from the decision: what was decided, why, by which article, and what next."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from router.applications import clocks, lanes
from router.applications.models import Application
from router.clock import CHINA, china_date
from router.destinations.labels import LABELS

TITLES = {
    "supplement": "一次性补充材料告知书",
    "grant": "给予法律援助决定书",
    "refusal": "不予法律援助决定书",
    "transfer": "移送告知书",
    "upheld": "异议审查答复",
    "prior": "先行提供法律援助通知书",
    "termination": "终止法律援助决定书",
    "appointed": "法律援助公函",
    "returned": "退回通知函",
}
TO_ORGAN = ("appointed", "returned")
OBJECT = (
    "对本决定有异议的，可以在{due}前向设立本机构的司法行政部门提出，也可以打开申请页面在网上提出。"
    "司法行政部门{answer}内审查答复；对答复仍不服的，可以依法申请行政复议或者提起行政诉讼"
    "（法律援助法第四十九条）。"
)
SUPPLY = (
    "请在{until}前补充或者作出说明。补充的时间不算在审查期限里；未按要求补充的，视为撤回申请"
    "（法律援助法第四十三条）。"
)
LATER = (
    "请在{until}前补办手续、补充材料（法律援助法第四十四条）。本机构自作出决定之日起{assignment}内指派法律援助人员。"
    "法律援助不收费。"
)
OVER = "本机构已经实施的援助到此为止；需要时可以另行委托律师，也可以重新申请。"
STILL = "不予法律援助不影响您免费咨询：请拨打 12348（法律援助法第二十三条）。"


def of(
    application: Application, articles: Mapping[str, Any], told: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Title, whom it is to, its lines, the articles in words, and its day. `told`: another decision
    than the newest."""
    told = told or application.decision
    cites = [cite for cite in told.get("cites", ()) if cite in articles]
    at = datetime.fromisoformat(told["at"])
    return {
        "title": TITLES[told["kind"]],
        "to": _to(application, told["kind"]),
        "lines": _lines(application, told),
        "articles": [f"{articles[one].title or one}：{articles[one].text}" for one in cites],
        "day": words_of(china_date(at)),
    }


def _to(application: Application, kind: str) -> str:
    if kind in TO_ORGAN:
        return str(application.notice["organ"])
    return application.form.get("name") or "申请人"


def words_of(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _lines(application: Application, told: Mapping[str, Any]) -> list[str]:
    if told["kind"] in TO_ORGAN:
        return _organ_lines(application, told)
    about = _about(application)
    if told["kind"] == "supplement":
        missing = [f"{number}．{one}" for number, one in enumerate(told["missing"], 1)]
        until = words_of(date.fromisoformat(told["until"]))
        return [
            f"{about}，还需要下列材料或者说明，现在一次性告知：",
            *missing,
            SUPPLY.format(until=until),
        ]
    if told["kind"] == "grant":
        reasons = [f"理由：{told['reasons']}"] if told.get("reasons") else []
        end = (
            f"本机构自作出决定之日起{clocks.span_words('assignment')}内指派法律援助人员"
            "（法律援助法第四十三条）。法律援助不收费。"
        )
        return [f"{about}，经审查，决定给予法律援助。", *reasons, end]
    if told["kind"] == "refusal":
        due = words_of(date.fromisoformat(told["until"]))
        return [
            f"{about}，经审查，决定不予法律援助。",
            f"理由：{told['reasons']}",
            OBJECT.format(due=due, answer=clocks.span_words("answer")),
            STILL,
        ]
    if told["kind"] == "termination":
        due = words_of(date.fromisoformat(told["until"]))
        return [
            f"{about}，本机构决定终止法律援助。",
            f"理由：{told['reasons']}",
            OBJECT.format(due=due, answer=clocks.span_words("answer")),
            OVER,
        ]
    if told["kind"] == "prior":
        missing = [f"{number}．{one}" for number, one in enumerate(told["missing"], 1)]
        until = words_of(date.fromisoformat(told["until"]))
        later = LATER.format(until=until, assignment=clocks.span_words("assignment"))
        return [
            f"{about}，情况紧急，本机构决定先行提供法律援助。",
            f"理由：{told['reasons']}",
            later,
            *missing,
        ]
    if told["kind"] == "transfer":
        return [
            f"{about}，应当由{told['to']}受理。理由：{told['reasons']}",
            f"申请和材料已经移送，移送回执号 {told['receipt']}。请凭回执号向{told['to']}查询。",
        ]
    return [
        f"您对{about}的决定提出的异议，经审查，维持原决定。",
        f"理由：{told['reasons']}",
        "对本答复不服的，可以依法申请行政复议或者提起行政诉讼（法律援助法第四十九条）。",
    ]


def _about(application: Application) -> str:
    """What the letter to the person helped is about; of a notice nobody has applied."""
    number = f"（编号 {application.reference}）"
    if application.lane != lanes.APPLIED:
        notice = application.notice
        return f"{notice['organ']}通知法律援助的{notice['charge']}一案{number}"
    received = application.submitted_at
    when = words_of(received.astimezone(CHINA).date()) if received else ""
    matter = LABELS.get(application.matter or "", "法律援助")
    return f"您{when}提交的“{matter}”申请{number}"


def _organ_lines(application: Application, told: Mapping[str, Any]) -> list[str]:
    """To the organ that has notified us (LAL 36)."""
    notice = application.notice
    kind = lanes.known().kinds[notice["kind"]].label
    case = f"（{notice['case_no']}）" if notice.get("case_no") else ""
    name = application.form.get("name")
    about = (
        f"你单位“{notice['number']}”号通知（{kind}）收悉。关于{name}{notice['charge']}一案{case}，"
    )
    if told["kind"] == "returned":
        return [f"{about}不由本机构办理，现予退回。", f"理由：{told['reasons']}"]
    firm = f"{told['firm']}" if told.get("firm") else ""
    help_only = application.lane == lanes.DUTY_HELP
    work = "提供值班律师法律帮助" if help_only else "提供法律援助"
    article = "第三十条" if help_only else "第三十六条"
    return [
        f"{about}本机构指派{firm}{told['lawyer']}律师{work}，特此函告（法律援助法{article}）。",
        "请依法为律师会见、阅卷和了解案情提供便利。当事人自行委托律师的，请及时告知本机构。",
    ]
