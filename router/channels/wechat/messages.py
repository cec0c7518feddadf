"""What came from the platform, typed. Unknown kinds are kinds, too: they get an answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from router import crypto
from router.errors import BadRequest

_ID = re.compile(r"[0-9A-Za-z_@.-]{1,64}")


@dataclass(frozen=True)
class Message:
    account: str
    openid: str
    to: str  # the account's gh_ id, as it came
    kind: str  # text, image, …; of an event "event"
    event: str  # in lower case; of no event ""
    at: int  # seconds
    key: str  # names it for ever, see key_of
    fields: Mapping[str, Any] = field(repr=False)
    came: float  # when, by the monotonic clock

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        return value if isinstance(value, str) else "" if value is None else str(value)


def message(account: str, fields: Mapping[str, Any], came: float) -> Message:
    """Raises BadRequest where the platform would never write so."""
    openid, to = str(fields.get("FromUserName", "")), str(fields.get("ToUserName", ""))
    moment, kind = str(fields.get("CreateTime", "")), str(fields.get("MsgType", "")).strip()
    if not (_ID.fullmatch(openid) and _ID.fullmatch(to)):
        raise BadRequest(because="names")
    if not re.fullmatch(r"[0-9]{1,12}", moment) or not kind:
        raise BadRequest(because="head")
    event = str(fields.get("Event", "")).strip().lower() if kind == "event" else ""
    key = key_of(account, openid, fields)
    return Message(account, openid, to, kind, event, int(moment), key, fields, came)


def key_of(account: str, openid: str, fields: Mapping[str, Any]) -> str:
    """Message ids repeat across users, and events have none. Nobody reads an openid from it."""
    if message_id := fields.get("MsgId"):
        named = [account, openid, str(message_id)]
    else:
        names = ("MsgType", "Event", "CreateTime", "EventKey", "MsgID")
        named = [account, openid, *(str(fields.get(name, "")) for name in names)]
    return f"wechat:{crypto.current().indices('|'.join(named), 'wechat message')[0]}"
