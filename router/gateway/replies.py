"""What Rasa's REST channel answers, as lines of the transcript."""

from collections.abc import Iterable
from typing import Any

from router.gateway.bot_client import Reply
from router.gateway.lines import Draft


def drafts(replies: Iterable[Reply], in_reply_to: str) -> list[Draft]:
    """One line per reply that says or shows something; a button's payload is what it says.

    Rasa's REST channel cuts one utterance in two: words and buttons, then the custom part. They
    are put together again, so that a card stands above the buttons that choose from it.
    """
    found: list[Draft] = []
    for reply in replies:
        draft = _draft(reply, in_reply_to) if isinstance(reply, dict) else None
        if draft is None:
            continue
        if found and not draft.text and "kind" in draft.extra and "kind" not in found[-1].extra:
            found[-1].extra = {**draft.extra, **found[-1].extra}
        else:
            found.append(draft)
    return found


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
