"""What the staff have done with an application, told to the citizen in their talk, once."""

from router.applications.status import LABELS, State
from router.events import ApplicationMoved, Event
from router.gateway.service import Gateway

TOLD = (
    "您的法律援助申请（编号 {reference}）有了进展：{state}。请打开“申请进度”看理由、期限和下一步。"
)
NOT_TOLD = (State.DRAFT, State.SUBMITTED)  # they sit beside whom it is typed for


class Applied:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def tell(self, event: Event) -> None:
        """A repeated event says nothing more."""
        assert isinstance(event, ApplicationMoved)
        state = State(event.state)
        if state in NOT_TOLD:
            return
        text = TOLD.format(reference=event.reference, state=LABELS[state])
        key = f"application:{event.key}"
        extra = {"kind": "application", "state": state.value}
        await self._gateway.tell(event.conversation_id, text, extra, key)
