"""What Rasa's REST channel answers, as lines of the transcript."""

from collections.abc import Iterable
from typing import Any

from router.gateway.bot_client import Reply
from router.gateway.lines import Draft


def drafts(replies: Iterable[Reply], in_reply_to: str) -> list[Draft]:
    """One line per reply that says or shows something; a button's payload is what it says."""
    found = (_draft(reply, in_reply_to) for reply in replies if isinstance(reply, dict))
    return [draft for draft in found if draft]


def _draft(reply: Reply, in_reply_to: str) -> Draft | None:
    text, custom = reply.get("text"), reply.get("custom")
    extra: dict[str, Any] = dict(custom) if isinstance(custom, dict) else {}
    if isinstance(buttons := reply.get("buttons"), list):
        shown = [one for one in buttons if isinstance(one, dict) and one.get("title")]
        extra["buttons"] = [
            {"title": str(one["title"]), "say": str(one.get("payload") or one["title"])}
            for one in shown
        ]
    if not text and not extra:
        return None
    return Draft("bot", str(text or ""), extra, in_reply_to=in_reply_to)
