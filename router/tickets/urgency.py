"""How urgent a ticket is: the lowest goes first, within one the oldest."""

from enum import IntEnum
from typing import Final


class Urgency(IntEnum):
    DANGER = 0  # somebody is or was just now in danger
    DEADLINE = 1  # a time limit is running out, or the law's urgent cases (法律援助法 44)
    DETAINED = 2  # a person in custody cannot come back tomorrow
    SPECIAL = 3  # groups whom the law serves first: minors, the old, the disabled, …
    ORDINARY = 4


LABELS: Final[dict[int, str]] = {
    Urgency.DANGER: "危险",
    Urgency.DEADLINE: "时限将到",
    Urgency.DETAINED: "被羁押",
    Urgency.SPECIAL: "优先群体",
    Urgency.ORDINARY: "普通",
}
