"""What another organ has answered, told to the citizen in plain words, once."""

from router.events import Event, ReferralMoved
from router.gateway.service import Gateway

ACCEPTED = "{organ}已经接收您的事，正在办理。办结或退回时，会在这里告诉您。"
RETURNED = (
    "{organ}没有接收您的事，退回来了。原因：{words}。"
    "您不用做什么：我们已经安排值班律师接着帮您，您说过的内容都在，不用重说。"
)
CLOSED = "{organ}办完了您的事：{outcome}。{words}还有问题可以接着说，也可以找值班律师。"
SENT = "您的事已经转给{organ}，{words}。对方有了答复，会在这里告诉您；到期没有答复，我们会去催。"
WORDS = {"sent": SENT, "accepted": ACCEPTED, "returned": RETURNED, "closed": CLOSED}


class Organs:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def tell(self, event: Event) -> None:
        """A repeated event says nothing more."""
        assert isinstance(event, ReferralMoved)
        said = event.words.rstrip("。")
        if event.state == "closed" and said:
            said += "。"
        text = WORDS[event.state].format(organ=event.organ, outcome=event.outcome, words=said)
        extra = {"kind": f"referral_{event.state}", "ticket": event.ticket_id}
        await self._gateway.tell(event.conversation_id, text, extra, key=f"referral:{event.key}")
