"""What other organs were asked about an applicant, with whose consent, and what their data say."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import SealedJson
from router.db import Base, new_id


class Inquiry(Base):
    """核查 at one source. `state`: asking | waiting (the applicant is to do something there) |
    answered | silent (it did not answer: the commitment holds) | refused | expired."""

    __tablename__ = "agency_inquiries"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    source: Mapped[str]  # name of the file; eye: a person has compared
    label: Mapped[str]  # 民政部门
    asks: Mapped[str]  # identity | means
    state: Mapped[str]
    consent_sealed: Mapped[bytes | None]
    consent = SealedJson()  # way, who, at, by
    asked_by: Mapped[str]  # of the staff
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    as_of: Mapped[str | None]  # the source's own time of its data, as it says
    expires_at: Mapped[datetime | None]  # then what was told is deleted
    told_sealed: Mapped[bytes | None]
    told = SealedJson()  # facts: [[name, value]]; url: where the applicant goes on
