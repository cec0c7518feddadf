"""What people hear: short sentences, one question, keys and speech alike."""

from router.destinations.labels import LABELS as MATTERS
from router.tickets.models import Ticket
from router.tickets.urgency import LABELS as URGENCIES
from router.tickets.urgency import Urgency

GREETING = (
    "您好，这里是 12348 公共法律服务热线。",
    "有危险请马上拨打 110。",
    "先由智能助手听您说，您说的话会整理成文字，供律师办理。",
)
CONSENT = "为了保证服务质量，想给通话录音。同意请按 1，不同意请按 2，都照样为您服务。找人工请按 0。"
FIRST = "请说说您遇到了什么事，用平常的话说就行。找人工请按 0，没听清请按星号键。"
AGAIN = "我没有听清，请再说一遍，或者按键。找人工请按 0。"
SILENT = "我没有听到声音。请说话，或者按键。找人工请按 0。"
KEY = "{title}请按 {n}"
PERSON = "好的，正在为您找值班律师，请不要挂机。"
QUEUED = "您排在第 {position} 位。{wait}想让律师给您回电，请按 1。{text}接着等，请不要挂机。"
ABOUT = "按最近的速度，大约还要等 {minutes} 分钟。"
NOT_KNOWN = "还要等多久，现在不好说。"
NOBODY = "现在没有律师在岗。"
RINGING = "正在接通律师，请不要挂机。"
CALL_BACK = (
    "已经登记，值班律师会打这个电话给您。您的编号是 {reference}，再说一遍，{reference}。再见。"
)
TEXT_KEY = "把编号用短信发给您，请按 2。"
TEXTED = "好的，短信会发到您打来的这个手机。"
CALL_BACK_TEXT = (
    "已经登记，值班律师会打这个电话给您。您的编号是 {reference}。"
    "把编号用短信发给您，请按 2。不用，请直接挂机。"
)
NO_NUMBER = "您的电话没有显示号码，没法给您回电。您的编号是 {reference}。请不要挂机，继续等律师。"
JOINING = "律师已经接通，请讲。"
FINISHED = "话没说完，想接回请按 1。想找别的律师请按 0。说完了，请直接挂机。"
GOODBYE = "感谢您的来电，再见。"
DANGER = "您先保证自己安全。我现在就为您接通 110，请不要挂机。"
DANGER_SELF = (
    "您先保证自己安全。请马上挂断，用您的电话直接拨打 110；有人受伤拨打 120。"
    "不方便拨打，请不要挂机，我们正在找值班律师。"
)
CALLED_BACK = "您好，这里是 12348 公共法律服务热线，您来过电话，现在为您接通值班律师。"
FOR_CITIZEN_OF_110 = "您好，这里是 12348 公共法律服务热线。110 把您的事转给我们，现在为您接通。"

WHISPER = "12348 派单。{what}。{urgency}{back}接听请按 1，请下一位请按 2。"
BACK = "这是回电，您接听以后，我们再拨通当事人。"
FROM_110 = "110 转来，先于一般来电。"
TAKEN = "这个来电已经由别的律师接走，或者来电人已经挂断。谢谢您。"
NEXT_LAWYER = "好的，转给下一位律师。"
LAWYER_JOINS = "正在接通当事人。通话中按星号键，可以请 110 加入。"
MENU = "回到通话请按 1。请 110 加入请按 2。{organ}让当事人先等一下，或者接回来，请按 4。"
ORGAN_KEY = "转给别的单位请按 3。"
ORGANS = "{keys}。都不是，请按 0。"
ORGAN_CALLED = "正在接通{label}。接通以后您可以挂机离开，当事人和对方会继续通话。"
ORGAN_HEARS = "这里是 12348 法律服务热线，为您转来一位来电人。{what}现在接通。"
WRAP_UP = "请按键登记结果。{keys}。不登记请直接挂机，在网页上登记。"
WRAPPED = "登记好了，谢谢您。"
CALLING_110 = "正在接通 110，请不要挂机。"
CANNOT_DIAL_110 = "这条线路打不了 110，请让当事人用自己的电话拨打。"

INCIDENT = "12348 法律服务热线，110 专线。请输入警情编号，按井号键结束。"
CITIZEN = "请输入当事人的电话号码，按井号键结束。当事人就在您这条线上，请直接按井号键。"
OPERATOR_WAITS = "正在接通值班律师。您可以随时挂机离开，当事人和律师会继续通话。"
PRESS = {"answered": "已解答", "guided": "已指引去处", "aid_application": "转法律援助",
         "referred_mediation": "转人民调解", "out_of_scope": "不属于受理范围",
         "unreachable": "联系不上当事人"}  # fmt: skip
OUTCOME_KEYS = tuple(PRESS)  # key 1, 2, …

DANGERS = {
    "violence_or_threat": "暴力或威胁",
    "suicide": "轻生",
    "crime_in_progress": "正在发生的犯罪",
}
POLICE_SUMMARY = (
    "这里是 12348 法律服务热线，有来电人可能正处在危险中。{what}{where}{who}现在接通来电人。"
)
POLICE_LOST = "来电人的号码是 {number}，再说一遍，{number}。"


def whisper(ticket: Ticket, call_back: bool, from_110: bool) -> str:
    what = MATTERS.get(ticket.matter or "", "还没有说是什么事")
    urgency = f"{URGENCIES[ticket.urgency]}。" if ticket.urgency in URGENCIES else ""
    if from_110:  # stands before ordinary calls as if a time limit were running out
        urgency = FROM_110 + (urgency if ticket.urgency == Urgency.DANGER else "")
    return WHISPER.format(what=what, urgency=urgency, back=BACK if call_back else "")


def wrap_up() -> str:
    keys = "，".join(f"{said}请按 {n}" for n, said in enumerate(PRESS.values(), 1))
    return WRAP_UP.format(keys=keys)
