"""The port of short messages: what a carrier of them is asked. Two adapters know more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Sms:
    id: str  # ours; where the carrier keeps it, a lost answer is made up for with it
    to: str  # as the caller's number came
    template: str  # of words.py
    blanks: dict[str, str]  # what stands in the template's blanks; nothing personal
    text: str  # the whole of it
    since: datetime  # when it was ordered


class Texter(Protocol):
    name: str
    links: bool  # whether an address of the web may stand in a message

    async def send(self, sms: Sms, again: bool) -> str:
        """The carrier's id of it. Raises CarrierError.

        `again`: it was asked before and nobody knows whether that took effect.
        """

    async def close(self) -> None: ...
