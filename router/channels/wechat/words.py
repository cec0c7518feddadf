"""What the account itself says to a follower, and a transcript's lines as a chat shows them."""

import re
from collections.abc import Sequence
from typing import Any

from router.channels.wechat.plan import Rank
from router.conversations.models import Message
from router.eligibility import words as law_words
from router.gateway.words import MERGED

WELCOME = (
    "您好，这里是{label}的法律援助咨询。您可以直接说说遇到了什么事，智能助手先回答，"
    "需要时转给值班律师。遇到危险请马上拨打 110。"
)
ASK_CONSENT = (
    "您好，这里是{label}的法律援助咨询，回答您的是智能助手。我们需要保存您说的内容，"
    "用来初步看看能不能申请法律援助，并在需要时转给值班律师；您的话已经收到，同意后马上接着办，"
    "不用重说。\n\n回复 1 同意并开始\n回复 2 不同意，刚才的话不保存\n\n"
    "也可以直接拨打 12348；遇到危险请马上拨打 110。"
)
NOT_KEPT = "好的，刚才的话没有保存。想咨询时请再发消息，也可以直接拨打 12348。"
VOICE = (
    "您的语音我们听不出文字。请改用打字说一下，"
    "或者长按语音选“转文字”以后复制发来；不方便打字请拨打 12348，有律师接听。"
)
PICTURE = "图片我们看不到内容。请把事情打字说一下；材料请先留好，值班律师会告诉您怎么交。"
KEPT = {
    "image": ("［图片］", "图片收到了，已存进您的案子，值班律师能看到。请再打字说一下图上是什么。"),
    "voice": (
        "［语音］",
        "语音收到了，值班律师能听。智能助手听不了，请再打字说一下；"
        "也可以长按语音选“转文字”以后复制发来，不方便打字请拨打 12348。",
    ),
    "video": ("［视频］", "视频收到了，已存进您的案子，值班律师能看到。请再打字说一下事情。"),
    "shortvideo": ("［视频］", "视频收到了，已存进您的案子，值班律师能看到。请再打字说一下事情。"),
    "file": ("［文件］", "文件收到了，已存进您的案子，值班律师能看到。请再打字说一下事情。"),
}
HEARD = "语音收到了，正在听。"
MEDIA_REFUSED = "刚才发来的内容不是能打开的图片、语音或视频，没有存下来。请拍成照片再发一次。"
MEDIA_LOST = "刚才发来的图片、语音或视频没有取到（可能太大或者过期了），请再发一次。"
UNKNOWN = "这种内容我们看不了。请把事情打字说一下，也可以拨打 12348。"
EMPTY = "没有看到文字，请把您遇到的事用几个字写下来。"
TOO_LONG = "您写的内容太长，没有收下。请分几次发，每次不超过 2000 字。"
TOO_FAST = "您发得太快了，这一句没有收下，请等几秒再发一次。遇到危险请马上拨打 110。"
STILL_THINKING = (
    "您的话已经收到，答案准备好以后，您下一次发消息或者点菜单时就会看到，不会丢。"
    "着急请拨打 12348，遇到危险请马上拨打 110。"
)
IN_TROUBLE = (
    "我们的系统现在有故障，您刚才这句话没有存下来，请过几分钟再发一次。"
    "着急请拨打 12348，遇到危险请马上拨打 110。"
)

DOOR = (
    "在网页上接着说（可以用大字，看得更清楚）：\n{url}\n"
    "链接 30 分钟内有效，只能用一次，请不要转发。"
)
NO_DOOR = "您还没有开始咨询。请先说说您遇到了什么事。"
ASKS_FOR_DOOR = frozenset(("网页", "打开网页", "网页版"))

ASKS_TO_JOIN = "要在这里接着办已经有编号的事，请发编号（JY- 开头），我们告诉您下一步。"
HOW_TO_JOIN = (
    "要在这里接着办编号 {reference} 的事，请证明是您本人：\n"
    "· 网页还打得开：在网页上点“接到微信”，把给您的那一行发到这里。{by_sms}\n"
    "都不方便，请拨打 12348。"
)
JOIN_BY_SMS = "\n· 打过热线或者留过手机号：把编号和那个手机号一起发来，验证码会用短信发到那个手机。"
JOIN_ASKED = (
    "如果编号和手机号对得上，验证码已经用短信发到那个手机，请在 10 分钟内把 6 位数字发到这里。"
    "没有收到，请拨打 12348。"
)
JOIN_WRONG = "对不上，或者已经过期。请核对以后再发；也可以拨打 12348。"
JOIN_HELD = "今天试的次数太多了，请过一会儿再试，或者拨打 12348。遇到危险请马上拨打 110。"
JOINED = (
    "接上了：编号 {reference}。您以前说的都在，接着说就行；律师说的话也会送到这里。"
    "以前的网页照样能用，两边是同一件事。"
)
JOINED_LINE = (
    "当事人已在微信公众号“{label}”接上这件事，以后在微信说的话这里都能看到。"
    "不是您本人接上的，请马上拨打 12348。"
)

ASKS_FOR_NOTICES = frozenset(("通知", "进展通知", "订阅通知"))
ENDS_NOTICES = frozenset(("不要通知", "取消通知"))
NOTICES_ON = (
    "好的。律师接手、申请要补充材料、有了决定或者办结时，如果那时这里已经发不了消息，就用公众号通知告诉您；"
    "通知里不写案情。不想要了，请发“不要通知”。"
)
NOTICES_AT = "请打开这篇文章，点“订阅”，案子有进展时公众号会通知您：\n{url}"
NOTICES_OFF = "好的，不再给您发进展通知。有新的话，您打开公众号发消息或者点菜单就能看到。"

YES = frozenset("1 同意 回复1 我同意 好 好的 可以 行 是 是的 同意并开始".split())
NO = frozenset("2 不同意 回复2 我不同意 不 不行 不可以".split())
_DIGITS = {digit: n for n, digit in enumerate("一二三四五六七八九", 1)}
_NUMBER = re.compile(r"(?:回复|选|第)?([1-9一二三四五六七八九])(?:个|项|号)?")


def plain(text: str) -> str:
    """Without what people put around a short answer; full width to half."""
    return re.sub(r"[\s.,。、，()（）“”\"']+", "", text.translate(_HALF))


_HALF = {ord("０") + n: str(n) for n in range(10)}


def chosen(text: str, choices: Sequence[str]) -> str:
    """What "2", "回复2" or "选二" stands for; anything else is itself."""
    found = _NUMBER.fullmatch(plain(text))
    if not found:
        return text
    mark = found[1]
    number = _DIGITS[mark] if mark in _DIGITS else int(mark)
    return choices[number - 1] if number <= len(choices) else text


def rank_of(line: Message) -> Rank:
    kind = line.extra.get("kind")
    if kind == "emergency":
        return Rank.DANGER
    if line.who == "lawyer" or kind in ("accepted", FORMER_LAWYER):
        return Rank.LAWYER
    return Rank.DECISION if kind == "decision" else Rank.REST


FORMER_LAWYER = "former_lawyer"  # kind of a lawyer's words that were brought over
_NEWS = {
    "accepted": "accepted",
    "referral_returned": "returned",
    "closed": "closed",
    "referral_closed": "closed",
    "application_near": "near",
}


_NEWS_OF_APPLICATION = {
    "supplement": "papers",
    "accepted": "decided",
    "refused": "decided",
    "upheld": "decided",
    "terminated": "decided",
    "assigned": "assigned",
}


def kept_kind(line: Message) -> str | None:
    """Of a line that is said again in another talk: what makes it go first, or a notice."""
    if line.who == "lawyer":
        return FORMER_LAWYER
    kind = str(line.extra.get("kind"))
    return kind if kind == "emergency" or kind in _NEWS else None


def news_of(line: Message) -> str | None:
    """What a notice may tell of it, see notices.WHAT."""
    extra = line.extra
    if extra.get("kind") == "application":
        return _NEWS_OF_APPLICATION.get(str(extra.get("state")))
    return _NEWS.get(str(extra.get("kind"))) if line.text != MERGED else None


def shown(line: Message) -> str:
    """A line with its card and its buttons, as one text. Nobody can press anything here."""
    extra = line.extra
    text = line.text.replace("点“", "回复“").replace("按“", "回复“")
    if line.who == "lawyer":
        text = f"【值班律师】{text}"
    parts = [text, *_card(extra)]
    if offered := _offered(line):
        parts.append(offered)
    return "\n\n".join(part for part in parts if part)


def _card(extra: dict[str, Any]) -> list[str]:
    if extra.get("kind") != "decision":
        return [str(extra["detail"])] if extra.get("detail") else []
    parts = [str(extra.get("detail") or "")]
    if warn := [law_words.plain(str(one)) for one in extra.get("warn") or ()]:
        parts.append("\n".join(f"注意：{one}" for one in warn))
    cited = [str(one.get("title") or one.get("cite") or "") for one in extra.get("articles") or ()]
    if any(cited):
        parts.append("依据：" + "、".join(dict.fromkeys(filter(None, cited))))
    parts.append("这是预审，决定由法律援助机构作出。条文全文和每一步的理由，回复“网页”可以打开看。")
    return parts


def choices_of(line: Message) -> list[str]:
    """What numbers stand for after this line; none, where a number may be the answer itself."""
    buttons = line.extra.get("buttons") or []
    if line.who != "bot" or len(buttons) < 2:
        return []
    if any(re.match(r"[0-9０-９]", str(one["title"])) for one in buttons):
        return []
    return [str(one["say"]) for one in buttons[:9]]


def _offered(line: Message) -> str:
    buttons = line.extra.get("buttons") or []
    titles = [str(one["title"]) for one in buttons]
    if choices_of(line):
        return "\n".join(f"回复 {n} {title}" for n, title in enumerate(titles[:9], 1))
    if not titles or line.who != "bot":  # the system's own sentence names its button
        return ""
    return "可以回复：" + "、".join(f"“{title}”" for title in titles)
