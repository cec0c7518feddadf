"""What stands on a resident identity card, found among the lines that were read off a photograph.

Never a fact by itself: it goes into the form unsaved, for a person to compare and to save.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from router.applications.blocks import born

_NUMBER = re.compile(r"(?<![0-9])[1-9]\d{16}[0-9X](?![0-9])")
_NAME = re.compile(r"^姓?名[:：]?([\u4e00-\u9fff·]{2,15})$")
_ALONE = re.compile(r"^[\u4e00-\u9fff·]{2,15}$")
_PRINTED = ("性别", "民族", "出生", "住址", "公民身份", "中华人民", "居民身份", "签发", "有效期")


@dataclass(frozen=True)
class Card:
    name: str = ""
    number: str = ""  # with a good checksum (GB 11643), else empty

    @property
    def fields(self) -> dict[str, str]:
        """As the form calls them; without what could not be read."""
        kind = {"id_kind": "resident"} if self.number else {}
        given = {"name": self.name, "id_number": self.number}
        return kind | {name: value for name, value in given.items() if value}


def of(lines: Sequence[str]) -> Card:
    """`lines`: from the top of the card."""
    tidy = [re.sub(r"\s", "", unicodedata.normalize("NFKC", line)) for line in lines]
    return Card(_name(tidy), _number(tidy))


def _number(lines: Sequence[str]) -> str:
    found = (hit[0] for line in lines for hit in _NUMBER.finditer(line.upper()))
    return next((number for number in found if born(number)), "")


def _name(lines: Sequence[str]) -> str:
    for at, line in enumerate(lines):
        if hit := _NAME.match(line):
            return hit[1]
        if line in ("姓名", "名") and at + 1 < len(lines):
            after = lines[at + 1]
            if _ALONE.match(after) and not after.startswith(_PRINTED):
                return after
    return ""
