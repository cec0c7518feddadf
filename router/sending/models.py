"""Each sending of a letter: how, to whom, and what became of it."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import SealedJson
from router.db import Base, new_id


class Sending(Base):
    """送达 of one letter. `state`: see status.py."""

    __tablename__ = "sendings"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    way: Mapped[str]  # link | courier | pickup
    state: Mapped[str] = mapped_column(index=True)
    letter_sealed: Mapped[bytes | None]
    letter = SealedJson()  # the decision as it was then
    to_sealed: Mapped[bytes | None]
    to = SealedJson()  # name, phone, address; of pickup: who has signed for it
    by: Mapped[str]  # of the staff
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # of a link
    ended_at: Mapped[datetime | None]  # opened, delivered, signed for, or given up
    ended_by: Mapped[str | None]  # of the staff
    waybill: Mapped[str | None] = mapped_column(index=True)
    news_at: Mapped[datetime | None]  # the carrier's newest
    lost_at: Mapped[datetime | None]  # no news for too long: staff were warned
