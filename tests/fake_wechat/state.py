"""What the platform knows: the account's settings, followers' screens and windows, its tokens."""

import itertools
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fake_wechat.wire import Json

FAULT = "该公众号提供的服务出现故障,请稍后再试"
ALLOWED = {"message": (5, 48 * 3600), "press": (3, 60)}
CODE_LIFE = 300  # seconds
PRESSES = ("CLICK", "subscribe", "SCAN", "scancode_push", "scancode_waitmsg")


@dataclass
class Official:
    """One account, with what it has set on the platform."""

    name: str = "xian"
    app_id: str = "wxdemo0000000001"
    original_id: str = "gh_demo00000001"
    token: str = "demoToken12348"
    aes_key: str = "Q7mZx2Lr9TnVb4KcWd8YpHs3JfGa6EuR1oXiNt5Bq0v"
    secret: str = "demo-secret"
    mode: str = "safe"
    as_json: bool = False
    customer_service: bool = True  # the platform has given it that interface
    page_domain: str = "test"  # 网页授权域名


@dataclass
class Window:
    left: int = 0
    until: float = 0


@dataclass
class Code:
    """OAuth's: who opened the page, until when it holds."""

    openid: str
    until: float
    used: bool = False


@dataclass
class Shown:
    """What a follower sees: who (me | account | platform), the text, how it came."""

    who: str
    text: str
    way: str = ""


@dataclass
class State:
    official: Official
    now: Callable[[], float] = time.time
    patience: float = 5.0  # seconds to wait for an answer, and between two deliveries
    copies: int = 3
    screens: dict[str, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    windows: dict[str, Window] = field(default_factory=lambda: defaultdict(Window))
    faults: list[int] = field(default_factory=list)  # errcodes of the next calls
    calls: list[tuple[str, Json]] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)  # valid until
    fetched: int = 0
    menu: Json | None = None
    media: dict[str, bytes] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)  # answers that came to a cut connection
    before_send: Callable[[], Any] | None = None
    life: int = 7200
    templates: set[str] = field(default_factory=set)  # that the account has taken
    subscribed: dict[tuple[str, str], int] = field(default_factory=dict)  # openid, template: sends
    followers_gone: set[str] = field(default_factory=set)
    viewer: str = "oTEST_fake_openid_0000000001"  # whose app opens pages
    snapshot: bool = False  # the app opens them for a virtual user
    codes: dict[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ids = itertools.count(25_000_000_000_000_001)
        self._http: httpx.AsyncClient | None = None
