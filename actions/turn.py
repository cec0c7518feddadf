"""Rasa's one action: slots in, one turn of the talk, one utterance and the changed slots out."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import phrases, talk
from actions.heard import Heard
from actions.memory import Memory
from actions.router_client import Router
from bot.language import spans

log = logging.getLogger(__name__)
CHINA = ZoneInfo("Asia/Shanghai")


class ActionTurn(Action):
    def __init__(self, router: Router | None = None) -> None:
        self._router = router

    def name(self) -> str:
        return "action_turn"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        self._router = self._router or Router.from_environment()  # in the server's own loop
        before = tracker.slots
        changes: dict[str, Any] = {}
        try:
            memory = Memory.of(before)
            reply = await talk.turn(heard(tracker), memory, self._router)
            changes = memory.changes(before)
        except Exception as error:  # silence is what the gateway takes for a dead bot
            log.error("turn.failed", extra={"error": type(error).__name__})
            log.debug("turn.failed", exc_info=True)  # may hold what was said: only on demand
            reply = talk.Reply(phrases.say("router_down"), [phrases.button(talk.PERSON)])
        dispatcher.utter_message(
            text=reply.text, buttons=reply.buttons or None, json_message=reply.custom
        )
        return [SlotSet(name, value) for name, value in changes.items()]


def heard(tracker: Tracker) -> Heard:
    message = tracker.latest_message or {}
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    text = message.get("text") or ""
    return Heard(
        text=text,
        intent=intent.get("name") or "",
        confidence=float(intent.get("confidence") or 0.0),
        ranking=[(str(label), float(p)) for label, p in message.get("matter_ranking") or []],
        spans=message.get("spans") or spans.read(text).as_dict(),
        danger=list(metadata.get("danger") or []),
        conversation=tracker.sender_id.rsplit("-", 1)[0],
        message_id=str(metadata.get("message_id") or ""),
        today=dt.datetime.now(CHINA).date(),
    )
