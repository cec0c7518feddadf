"""Danger first: the words for people, and a person alarmed, whatever the bot thinks."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from bot.language.danger import find

__all__ = ["Alarms", "OpensTickets", "advice", "find"]

log = logging.getLogger(__name__)

ADVICE = {
    "violence_or_threat": (
        "如果您或家人现在有危险，请先离开危险的地方，马上拨打 110 报警；"
        "有人受伤请拨打 120。不方便说话，可以请身边的人替您拨打。"
    ),
    "suicide": (
        "您的安全最要紧。请马上拨打 110 或 120，并请身边的人陪着；"
        "想找人说说话，心理援助热线 12356 随时可以打。"
    ),
    "crime_in_progress": (
        "事情正在发生的话，请先保证自己安全，马上拨打 110 报警；有人受伤请拨打 120。"
    ),
}
ALSO = "我们也在通知值班人员。"


def advice(danger: Sequence[str]) -> str:
    """What to do now. An unknown kind of danger is still a danger."""
    said = dict.fromkeys(ADVICE.get(kind, ADVICE["crime_in_progress"]) for kind in danger)
    return "".join([*said, ALSO])


class OpensTickets(Protocol):
    """What the gateway needs of routing."""

    async def open_ticket(
        self, conversation_id: str, key: str, destination: str
    ) -> dict[str, Any]: ...

    async def alarm(self, conversation_id: str, key: str, danger: list[str]) -> object: ...


class Alarms:
    """Alarms a person once per message. Safe to repeat: routing knows the key."""

    def __init__(self, routing: OpensTickets) -> None:
        self._routing = routing
        self._raised: dict[str, None] = {}  # the newest keys; routing has them all

    async def sound(self, conversation_id: str, key: str, danger: list[str]) -> None:
        if key in self._raised:
            return
        try:
            await self._routing.alarm(conversation_id, key, danger)
        except Exception:  # whatever it is, the citizen's turn goes on
            log.exception("alarm.failed", extra={"conversation": conversation_id})
            return
        self._raised[key] = None
        if len(self._raised) > 1000:
            del self._raised[next(iter(self._raised))]
