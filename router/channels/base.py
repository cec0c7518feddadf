"""What every channel yields and gets back. Imports no neighbour."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Inbound:
    """One message of one citizen, after the channel has checked who sent it.

    `platform_key` names it for ever: channel, sender and the platform's own message id. A second
    arrival with the same key has no effect.
    """

    channel: str
    conversation_id: str
    platform_key: str
    text: str
    client_seq: int | None = None  # the sender's own numbering, where the channel has one


@dataclass(frozen=True)
class Accepted:
    seq: int  # place in the transcript
    duplicate: bool
