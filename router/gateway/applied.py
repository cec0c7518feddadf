"""What the staff have done with an application, told to the citizen in their talk, once; and what
the citizen answers to the one question at its end."""

from typing import Any

from router.applications.casework.ending import ANSWERS, QUESTION, SAID, THANKS
from router.applications.casework.service import NEWS, Casework
from router.applications.status import LABELS, State
from router.events import ApplicationMoved, Event
from router.gateway.service import Gateway

TOLD = (
    "您的法律援助申请（编号 {reference}）有了进展：{state}。请打开“申请进度”看理由、期限和下一步。"
)
WRITTEN = "承办律师写了您案件（编号 {reference}）的新进展，请打开“申请进度”看。"
OVER = "您的法律援助案件（编号 {reference}）已经办结，结果请打开“申请进度”看。" + QUESTION
NEAR = "提醒：您的法律援助申请（编号 {reference}）有一件事快到期限。{words}请打开“申请进度”办理。"
NOT_TOLD = (State.DRAFT, State.SUBMITTED, State.CLOSED)  # they sit beside it; they have heard
BUTTONS = [{"title": ANSWERS[answer], "say": said} for said, answer in SAID.items()]


class Applied:
    def __init__(self, gateway: Gateway, casework: Casework) -> None:
        self._gateway, self._casework = gateway, casework
        gateway.turns.asides.append(self.answered)

    async def tell(self, event: Event) -> None:
        """A repeated event says nothing more."""
        assert isinstance(event, ApplicationMoved)
        state = State(event.state)
        if state in NOT_TOLD:
            return
        extra: dict[str, Any] = {"kind": "application", "state": state.value}
        if event.words:
            text, extra["kind"] = NEAR, "application_near"
        elif event.move == NEWS:
            text = WRITTEN
            del extra["state"]  # which is no news
        elif state is State.ENDED:
            text, extra["buttons"] = OVER, BUTTONS
        else:
            text = TOLD
        blanks = {"reference": event.reference, "state": LABELS[state], "words": event.words}
        said = text.format(**blanks)
        await self._gateway.tell(event.conversation_id, said, extra, f"application:{event.key}")

    async def answered(self, conversation_id: str, text: str) -> str:
        """What is said back; empty: it was no answer to our question, and the bot's turn."""
        answer = SAID.get(text.strip())
        if answer is None or not await self._casework.rate_in(conversation_id, answer):
            return ""
        return THANKS
