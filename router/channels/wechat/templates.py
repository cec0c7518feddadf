"""What an account's file says of notices: its templates at the platform, and their words."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

News = Literal["accepted", "returned", "closed", "papers", "decided", "assigned", "near"]


class Template(BaseModel):
    """One of the account's templates: its id, and what stands in which of its keywords."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=64)]
    fields: Annotated[dict[str, Literal["what", "reference", "time"]], Field(min_length=1)]


def _some(templates: dict[News, Template]) -> dict[News, Template]:
    if not templates:
        raise ValueError("no template")
    return templates


class Notices(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    way: Literal["subscribe", "template"] = "subscribe"
    lasting: bool = False  # 长期订阅: a yes holds until it is taken back; else for one notice
    ask_at: str | None = None  # of subscribe: the account's article with the button to say yes
    templates: Annotated[dict[News, Template], AfterValidator(_some)]
