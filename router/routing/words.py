"""What a citizen is told about where their case goes. Honest: what happens, who acts, what not."""

from datetime import datetime

from router.clock import china_date
from router.destinations.registry import Destination, Place
from router.dispatch import outlook
from router.dispatch.outlook import Outlook
from router.referrals.models import Referral
from router.referrals.status import LABELS, LIVE, State
from router.tickets import callbacks
from router.tickets.models import Ticket
from router.tickets.status import ENDINGS, Status

S = Status
FOUND = {  # the pre-screening in a word, for the desk's list
    "EMERGENCY_110": "有危险",
    "TERMINATE": "援助终止",
    "WITHDRAWN": "视为撤回申请",
    "REMEDY": "对决定有异议",
    "HAS_LAWYER": "已有律师",
    "MUST_NOTIFY": "应当通知辩护",
    "MAY_NOTIFY": "可以通知辩护",
    "DUTY_LAWYER": "值班律师帮助",
    "ELIGIBLE": "预审可申请",
    "NO_HARDSHIP": "预审可申请（不看经济条件）",
    "EXEMPT_VERIFICATION": "预审可申请（免予核查）",
    "URGENT": "紧急，可先行提供",
    "TRANSFER": "应由别处受理",
    "NOT_MEANS": "预审不符经济条件",
    "OUT_OF_SCOPE": "预审不在范围",
    "CONSULT": "咨询",
    "ROUTE": "转其他服务",
    "NEED_FACTS": "情况不全",
    "NEED_AGENCY": "须由机构判断",
}
URGENT_CALLS = "急事请拨打 12348；有危险请马上拨打 110。"
NOT_FOUND = "没有查到这个编号，请核对后再试。编号在本次对话开头，形如 JY-XXXX-XXXX。"
NO_NUMBER = "这个电话号码没看懂，还没有记下。请再写一遍：手机号 11 位，固定电话要带区号。"
NOTHING_YET = "您的编号 {ref}。您的话都记下了，目前还没有转给律师或其他部门，可以接着说您的事。"


def opened(
    ticket: Ticket,
    destination: Destination,
    ref: str,
    waits: Outlook | None,
    now: datetime,
    referral: Referral | None = None,
    place: Place | None = None,
) -> str:
    """The sentence for the citizen right after the ticket was opened. `place`: the one that was
    chosen for this case, where there are several."""
    if destination.delivery == "offer":
        words = _lawyer(ticket, ref, waits, now)
        return f"{destination.hint}{words}" if destination.kind == "emergency_110" else words
    where = _where(destination, ticket.region)
    named = _at(place) if place else _name(destination, ticket.region)
    if destination.delivery == "application":
        return (
            f"已记下您要申请法律援助，编号 {ref}。{_reader(waits, now)}"
            f"{destination.hint}{_form(ticket, destination)}"
            f"正式申请请带材料到{where}。{_papers(destination)}{referred(referral)}"
        )
    if destination.delivery == "queue":
        return (
            f"已登记到{named}的待办，编号 {ref}。{destination.hint}"
            f"办结时会在这个对话里告诉您，您也可以凭编号来问结果。{_papers(destination)}"
            f"{referred(referral)}"
        )
    if destination.delivery == "transfer" and referral:
        return (
            f"{destination.hint}您的事已经转给{referral.organ}，编号 {ref}。{_papers(destination)}"
            f"{referred(referral)}对方有了答复，会在这个对话里告诉您；您也可以自己联系{where}。"
        )
    if destination.delivery == "transfer":
        return (
            f"{destination.hint}请您联系{where}。{_papers(destination)}"
            f"这一步要您自己去办，我们已经记下，编号 {ref}。拿不准的，随时可以找值班律师。"
        )
    return f"{destination.hint}您的编号 {ref}，有需要随时回来。"


def call_back(number: str, ref: str, waits: Outlook | None, now: datetime) -> str:
    """The citizen reads the number once more: a wrong one is theirs to put right."""
    when = ""
    if waits and waits.starts_at and not waits.on_duty:
        when = outlook.next_shift(waits.starts_at, now)
    return f"记下了：请律师给您回电，电话 {number}，编号 {ref}。{when}号码不对的话，请再写一遍。"


def standing(
    ticket: Ticket, label: str, waits: Outlook | None, lawyer: str | None, now: datetime
) -> str:
    """Where one ticket stands now."""
    status = Status(ticket.status)
    call = "已经记下，等律师给您回电。" if callbacks.waits(ticket) else ""
    if status is S.OPEN:
        queued = f"排在第{waits.position}位。{outlook.words(waits, now)}" if waits else ""
        return f"{label}：正在等值班律师，{queued}{call}{URGENT_CALLS}"
    if status is S.OFFERED:
        return f"{label}：正在请一位值班律师接听，接了就在这个对话里和您说。{call}"
    if status is S.ACCEPTED:
        return f"{label}：{lawyer or '值班'}律师已经接了，就在这个对话里和您说话。{call}"
    if status is S.RECORDED:
        return f"{label}：已登记，还在办理，办结时会在这个对话里告诉您。"
    return f"{label}：已办结（{ENDINGS.get(ticket.outcome or '', '已处理')}）。"


def referred(referral: Referral | None) -> str:
    """The receipt, and by when the other organ is to answer; nothing where nothing was sent."""
    if referral is None:
        return ""
    state = State(referral.status)
    if state not in LIVE:
        return f"转办回执号 {referral.receipt}，{LABELS[state]}。"
    due = china_date(referral.due_at)
    return (
        f"转办回执号 {referral.receipt}，{LABELS[state]}，"
        f"我们请对方在{due.month}月{due.day}日前答复，到期没有答复我们会去催。"
    )


def _lawyer(ticket: Ticket, ref: str, waits: Outlook | None, now: datetime) -> str:
    status = Status(ticket.status)
    if status is S.ACCEPTED:
        return f"律师已经接了，就在这个对话里和您说，编号 {ref}。"
    if status is S.OFFERED:
        return f"已为您转接值班律师，编号 {ref}。律师接了就在这个对话里和您说，请稍等。"
    if status is S.CLOSED:
        return f"这次转接已经办结，编号 {ref}。"
    if waits is None:  # between two looks
        return f"正在为您找值班律师，编号 {ref}。{URGENT_CALLS}"
    if waits.on_duty:
        return (
            f"值班律师正在接待别人，您的编号 {ref}，排在第{waits.position}位，"
            f"有律师空出来马上接您。{outlook.words(waits, now)}{URGENT_CALLS}"
        )
    return (
        f"现在没有律师在岗，您的编号 {ref} 已在队列第{waits.position}位，"
        f"律师上岗后马上接您。{outlook.words(waits, now)}{URGENT_CALLS}"
    )


def _form(ticket: Ticket, destination: Destination) -> str:
    """Where this office decides, who sits at the page need not come."""
    here = destination.referral is None and ticket.post == "web"
    return "也可以不跑路：点“填写法律援助申请表”，现在就在网上填。" if here else ""


def _reader(waits: Outlook | None, now: datetime) -> str:
    """An application is read by a duty lawyer first."""
    if waits and not waits.on_duty:
        said = f"现在没有律师在岗，排在第{waits.position}位，律师上岗后先帮您看材料。"
        return said + outlook.words(waits, now)
    if waits:
        said = f"值班律师会先帮您看材料，现在排在第{waits.position}位。"
        return said + outlook.words(waits, now)
    return "值班律师会在这个对话里先帮您看材料。"


def _name(destination: Destination, region: str) -> str:
    place = destination.places.get(region)
    return place.name if place else destination.label


def _at(place: Place) -> str:
    details = (place.address, f"电话 {place.phone}" if place.phone else "", place.hours)
    return f"{place.name}（{'；'.join(part for part in details if part)}）"


def _where(destination: Destination, region: str) -> str:
    place = destination.places.get(region)
    if place:
        told = {
            "phone": place.phone or destination.phone,
            "hours": place.hours or destination.hours,
        }
        return _at(place.model_copy(update=told))
    name = "当地法律援助中心" if destination.delivery == "application" else destination.label
    return _at(Place(name=name, phone=destination.phone, hours=destination.hours))


def _papers(destination: Destination) -> str:
    return f"请准备：{'；'.join(destination.papers)}。" if destination.papers else ""
