"""How a case may end, and what a recipient may say of it."""

from collections.abc import Mapping
from typing import Final

ENDS: Final[Mapping[str, str]] = {
    "won": "请求全部得到支持",
    "partly": "请求部分得到支持",
    "settled": "调解、和解",
    "lost": "请求没有得到支持",
    "defended": "刑事辩护或者代理完成",
    "other": "其他",
}
ANSWERS: Final[Mapping[str, str]] = {"yes": "满意", "mostly": "基本满意", "no": "不满意"}
SAID: Final = {f"对援助{words}": answer for answer, words in ANSWERS.items()}  # of the buttons
QUESTION: Final = "您对这次法律援助满意吗？点一下就行，不回答也没有关系。"
THANKS: Final = "谢谢，已经记下。需要时可以再来咨询。"
