"""What a partner may send: typed, bounded, nothing else. docs/referrals.md is its description."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from router.destinations.labels import LABELS
from router.eligibility import FactError, parse_facts
from router.referrals.errors import BadReferral
from router.referrals.status import OUTCOMES

MOST_NAMED = 5  # faults in one answer


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("不可见字符")
    return text


def _label(name: str) -> str:
    if name not in LABELS:
        raise ValueError("没有这个类别")
    return name


def _outcome(name: str) -> str:
    if name not in OUTCOMES:
        raise ValueError("没有这个结果")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Person(_Strict):
    """Whom the duty lawyer calls."""

    name: str = Field(min_length=1, max_length=50)
    phone: str = Field(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")
    call_when: str = Field(default="", max_length=100)


class Inbound(_Strict):
    """A case that another organ refers to us."""

    number: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
    person: Person
    told: str = Field(min_length=1, max_length=4000)  # what happened, in plain words
    urgency: Literal["danger", "urgent", "ordinary"] = "ordinary"
    matter: Annotated[str, AfterValidator(_label)] | None = None
    opponent: str = Field(default="", max_length=100)
    region: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    facts: dict[str, Any] = Field(default={}, max_length=60)  # router/eligibility/facts.py


class Notified(_Strict):
    """Whom a notice is about."""

    name: str = Field(min_length=1, max_length=50)
    id_number: str = Field(default="", max_length=30)
    place_held: str = Field(default="", max_length=100)  # empty: at liberty
    guardian: str = Field(default="", max_length=50)
    guardian_phone: str = Field(default="", max_length=30)


Kind = Literal["must_notify", "may_notify", "duty_help", "custody_application"]


class Notice(_Strict):
    """What a court, a procuratorate or a police organ notifies us of (LAL 25, 28, 30, 36, 39)."""

    kind: Kind
    number: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
    ground: str = Field(min_length=1, max_length=40)  # of data/applications/notices.yml
    person: Notified
    case_no: str = Field(default="", max_length=100)
    stage: Literal["investigation", "prosecution", "first", "second", "retrial", "death_review"]
    charge: str = Field(min_length=1, max_length=100)
    handler: str = Field(min_length=1, max_length=50)
    handler_phone: str = Field(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")
    co_defendants: str = Field(default="", max_length=500)
    told: str = Field(default="", max_length=4000)
    region: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    asked_at: AwareDatetime | None = None  # custody_application: when the detained person asked

    @model_validator(mode="after")
    def _complete(self) -> "Notice":
        if (self.kind == "custody_application") != (self.asked_at is not None):
            raise ValueError("转交申请要写明 asked_at，其他通知没有")
        if self.kind == "custody_application" and not self.person.place_held:
            raise ValueError("转交申请要写明 person.place_held")
        return self


class Answer(_Strict):
    """What the organ that we referred a case to says about it."""

    to: Literal["accepted", "returned", "closed"]
    outcome: Annotated[str, AfterValidator(_outcome)] | None = None
    words: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _complete(self) -> "Answer":
        if self.to == "returned" and not self.words:
            raise ValueError("退回要在 words 里写明原因")
        if (self.to == "closed") != (self.outcome is not None):
            raise ValueError("办结要有 outcome，接收和退回没有")
        return self


def read_inbound(body: bytes) -> Inbound:
    """Raises BadReferral, which names what is wrong."""
    try:
        sent = Inbound.model_validate_json(body)
        parse_facts(sent.facts)
    except ValidationError as trouble:
        raise named(trouble) from None
    except FactError as wrong:
        raise BadReferral(f"facts.{wrong.fact}（{wrong.sentence.rstrip('。')}）") from None
    return sent


def is_notice(body: bytes) -> bool:
    """Whether it says what kind of notice it is; a case that is referred to us has no kind."""
    try:
        read = from_json(body)
    except ValueError:
        return False
    return isinstance(read, dict) and "kind" in read


def read_notice(body: bytes) -> Notice:
    """Raises BadReferral, which names what is wrong."""
    try:
        return Notice.model_validate_json(body)
    except ValidationError as trouble:
        raise named(trouble) from None


def read_answer(body: bytes) -> Answer:
    try:
        return Answer.model_validate_json(body)
    except ValidationError as trouble:
        raise named(trouble) from None


_FAULTS = {
    "missing": "缺少",
    "extra_forbidden": "没有这一项",
    "string_too_long": "太长",
    "too_long": "太多",
    "string_too_short": "是空的",
    "string_pattern_mismatch": "格式不对",
    "literal_error": "不在可选的值里",
    "json_invalid": "不是正确的 JSON",
}


def named(trouble: ValidationError) -> BadReferral:
    """Fields and rules, never what was sent."""
    faults = []
    for one in trouble.errors(include_url=False, include_input=False)[:MOST_NAMED]:
        where = ".".join(str(part)[:40] for part in one["loc"]) or "正文"
        own = str(one["ctx"]["error"]) if one["type"] == "value_error" else "类型不对"
        faults.append(f"{where}（{_FAULTS.get(one['type'], own)}）")
    return BadReferral("、".join(faults))
