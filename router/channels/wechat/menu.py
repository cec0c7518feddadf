"""The account's menu, as its file says it and as the platform takes it: 3 × 5 items."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _at_most(size: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text.encode()) > size:
            raise ValueError(f"at most {size} bytes")
        return text

    return AfterValidator(check)


class Item(BaseModel):
    """One of: what a press says for the citizen, a page (`/` begins one of ours), a submenu."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    say: Annotated[str, _at_most(128)] | None = None
    url: Annotated[str, _at_most(1024)] | None = None
    items: Annotated[list["Item"], Field(min_length=1, max_length=5)] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "Item":
        if sum(one is not None for one in (self.say, self.url, self.items)) != 1:
            raise ValueError("say, url or items")
        if len(self.name.encode()) > (16 if self.items else 60):
            raise ValueError("name too long")
        if any(one.items for one in self.items or ()):
            raise ValueError("two levels at most")
        return self

    def published(self, public_url: str) -> dict[str, Any]:
        if self.items:
            under = [one.published(public_url) for one in self.items]
            return {"name": self.name, "sub_button": under}
        if self.say:
            return {"type": "click", "name": self.name, "key": self.say}
        url = self.url or ""
        whole = f"{public_url}{url}" if url.startswith("/") else url
        return {"type": "view", "name": self.name, "url": whole}


Menu = Annotated[list[Item], Field(min_length=1, max_length=3)]


def default(region: str, notices: bool, page: str = "") -> list[Item]:
    """With what has to be public: the scope of aid, its negative list, the hardship standard.

    `page`: where the citizen's own case opens without a link, if it does.
    """
    progress = [Item(name="进展通知", say="通知")] if notices else []
    return [
        Item(name="我要咨询", say="我要咨询"),
        Item(name="援助范围和标准", url=f"/law/{region}"),
        Item(
            name="更多",
            items=[
                Item(name="查办理情况", say="查询进度"),
                Item(name="转人工", say="转人工"),
                Item(name="网页版", url=page) if page else Item(name="网页版", say="网页"),
                Item(name="接上已有的事", say="接上已有的事"),
                *progress,
            ],
        ),
    ]


def published(menu: list[Item], public_url: str) -> dict[str, Any]:
    """The body of /cgi-bin/menu/create."""
    return {"button": [one.published(public_url.rstrip("/")) for one in menu]}
