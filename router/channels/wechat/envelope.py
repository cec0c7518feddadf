"""A request of the platform to the message in it, and an answer back: XML or JSON, sealed or in
clear."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeTree

from router.channels.wechat import crypto
from router.channels.wechat.accounts import Account
from router.errors import BadRequest, Forbidden

FRESH = timedelta(minutes=10)
Fields = dict[str, Any]


class NotThePlatform(Forbidden):
    """签名不对。"""


@dataclass(frozen=True)
class Opened:
    """What came, and how its answer has to look."""

    fields: Fields
    as_json: bool
    key: str | None  # sealed with it, so the answer is too


def check_query(account: Account, query: Mapping[str, str], now: datetime) -> None:
    """Raises NotThePlatform: a wrong signature, or one of another day."""
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    token = account.token.get_secret_value()
    well = crypto.is_signed(query.get("signature", ""), token, stamp, nonce)
    if not well or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise NotThePlatform(account=account.name)
    if abs(now.timestamp() - int(stamp)) > FRESH.total_seconds():
        raise NotThePlatform(account=account.name, because="old")


def opened(account: Account, query: Mapping[str, str], body: bytes, now: datetime) -> Opened:
    """Raises NotThePlatform or BadRequest. In compatible mode the clear half is never looked at."""
    check_query(account, query, now)
    outer, as_json = _parsed(body)
    sealed = query.get("encrypt_type", "raw") not in ("raw", "")
    if sealed != (account.mode != "plain"):  # a clear one, where sealed ones come, is a forgery
        raise NotThePlatform(account=account.name, because="mode")
    if not sealed:
        return Opened(outer, as_json, None)
    encrypted = str(outer.get("Encrypt") or "")
    given = query.get("msg_signature", "")
    signed = (query.get("timestamp", ""), query.get("nonce", ""), encrypted)
    if not crypto.is_signed(given, account.token.get_secret_value(), *signed):
        raise NotThePlatform(account=account.name, because="msg_signature")
    for key in (account.aes_key, account.former_aes_key):
        if key is None:
            continue
        try:
            inner = crypto.open_envelope(encrypted, key.get_secret_value(), account.app_id)
        except crypto.BadEnvelope:
            continue
        fields, as_json = _parsed(inner)
        return Opened(fields, as_json, key.get_secret_value())
    raise NotThePlatform(account=account.name, because="envelope")


def answer(account: Account, came: Opened, fields: Fields, now: datetime, nonce: str) -> bytes:
    """The passive reply: `fields` in the form of what came."""
    body = _written(fields, came.as_json)
    if came.key is None:
        return body
    encrypted = crypto.seal(body, came.key, account.app_id)
    stamp = int(now.timestamp())
    token = account.token.get_secret_value()
    signed = crypto.signature(token, str(stamp), nonce, encrypted)
    outer = {"Encrypt": encrypted, "MsgSignature": signed, "TimeStamp": stamp, "Nonce": nonce}
    return _written(outer, came.as_json)


def _parsed(body: bytes) -> tuple[Fields, bool]:
    """The fields, and whether they came as JSON. Raises BadRequest."""
    try:
        if body[:1] == b"{":
            found = json.loads(body)
        else:
            root = SafeTree.fromstring(body, forbid_dtd=True)
            found = {child.tag: _value(child) for child in root}
            return found, False
    except (SafeTree.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise BadRequest(because=type(error).__name__) from error
    return found, True


def _value(element: Any) -> Any:
    """Text, or for what has children a dict; of several of one name, a list."""
    if len(element) == 0:
        return element.text or ""
    found: Fields = {}
    for child in element:
        value = _value(child)
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[child.tag] = value
    return found


def _written(fields: Fields, as_json: bool) -> bytes:
    if as_json:
        return json.dumps(fields, ensure_ascii=False).encode()
    return f"<xml>{_elements(fields)}</xml>".encode()


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{_element(value)}</{name}>" for name, value in fields.items())


def _element(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if "]]>" in text:
        return escape(text)
    return f"<![CDATA[{text}]]>"
