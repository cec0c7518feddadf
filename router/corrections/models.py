"""What a lawyer found right or wrong in what the dialogue heard, noted at closing."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import SealedJson
from router.db import Base, new_id


class Correction(Base):
    """One for each ticket that its lawyer closed; `given` equal to `heard`: confirmed.

    The citizen's words are not copied: an export reads them where they are, if the citizen agrees.
    """

    __tablename__ = "corrections"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), unique=True)
    lawyer_id: Mapped[str]
    heard: Mapped[str | None]  # label that the dialogue had
    given: Mapped[str]  # the lawyer's
    changed: Mapped[list[str]]  # names of the facts that were corrected
    values_sealed: Mapped[bytes | None]
    values = SealedJson()  # name: [heard, given]; only as long as the citizen agrees
    created_at: Mapped[datetime]
