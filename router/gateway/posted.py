"""A letter on its way, told to the applicant in their talk, once."""

from router.events import Event, LetterSent
from router.gateway.service import Gateway

TOLD = {
    "link": "法律援助机构给您送来《{title}》。请打开 {url} 阅读：要先凭申请编号和查询码打开申请，"
    "链接只能打开一次，7 天内有效；以后在“申请进度”里随时可以看。",
    "courier": "您的《{title}》已经寄出，运单号 {words}。没有收到，请打电话问法律援助机构。",
    "pickup": "您的《{title}》可以到法律援助机构领取，请带身份证件。地址和电话在“申请进度”里。",
}


class Posted:
    def __init__(self, gateway: Gateway, public_url: str) -> None:
        self._gateway, self._url = gateway, public_url.rstrip("/")

    async def tell(self, event: Event) -> None:
        """A repeated event says nothing more."""
        assert isinstance(event, LetterSent)
        url = f"{self._url}/apply/letter/{event.key}"
        text = TOLD[event.way].format(title=event.title, url=url, words=event.words)
        key = f"letter:{event.key}"
        await self._gateway.tell(event.conversation_id, text, {"kind": "application"}, key)
