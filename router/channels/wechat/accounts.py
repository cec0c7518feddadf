"""Official accounts: a file each, STATE_DIR/wechat/<name>.yml; no file, no channel.

Secrets stand apart from it: WECHAT_<NAME>_<SECRET> in the environment, or a file of mode 0600
beside it, <name>.<secret>, e.g. xian.aes_key.
"""

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from router.channels.wechat.menu import Menu
from router.channels.wechat.templates import Notices
from router.settings import MissingSettings, Settings

Mode = Literal["plain", "compatible", "safe"]
OFFICIAL = "https://api.weixin.qq.com"
OFFICIAL_LOGIN = "https://open.weixin.qq.com"
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class BadAccount(MissingSettings):
    """A file that cannot be used; the text says which and why."""


class Account(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]  # in the address and in files
    label: str
    app_id: Annotated[str, Field(pattern=r"^wx[0-9a-zA-Z]{4,40}$")]
    original_id: Annotated[str, Field(pattern=r"^gh_[0-9a-zA-Z]{4,40}$")]
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    mode: Mode = "safe"
    customer_service: bool = True  # False: the account may only answer, see section 11 of the rules
    api: str = OFFICIAL
    oauth: bool = False  # the account may ask who opens a page, see login.py
    menu: Menu | None = None  # absent: menu.default
    notices: Notices | None = None  # absent: outside the 48 hours nothing is sent
    token: SecretStr
    aes_key: SecretStr | None = None
    former_aes_key: SecretStr | None = None  # while the platform goes over to the new one
    secret: SecretStr | None = None  # absent: nothing can be sent, only answered

    @property
    def login_at(self) -> str:
        return OFFICIAL_LOGIN if self.api == OFFICIAL else self.api


SECRETS = ("token", "aes_key", "former_aes_key", "secret")


def load(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, Account]:
    """By name. Raises BadAccount, with every fault of the first bad file."""
    folder = settings.STATE_DIR / "wechat"
    found = {path.stem: _load(path, environ) for path in sorted(folder.glob("*.yml"))}
    if settings.JIEYUAN_ENV == "production":
        for account in found.values():
            _fit_for_production(account)
    return found


def _load(path: Path, environ: Mapping[str, str]) -> Account:
    try:
        raw = yaml.safe_load(path.read_text()) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadAccount(f"公众号文件 {path} 不是 YAML。") from error
    if not isinstance(raw, dict) or set(raw) & set(SECRETS):
        raise BadAccount(f"公众号文件 {path} 里不要写密钥({'、'.join(SECRETS)}),写法见 README。")
    held = {name: _secret(path, name, environ) for name in SECRETS}
    given = {**raw, "name": path.stem, **{name: one for name, one in held.items() if one}}
    try:
        account = Account.model_validate(given)
    except ValidationError as error:  # its own text would show the values
        wrong = "、".join(dict.fromkeys(".".join(map(str, one["loc"])) for one in error.errors()))
        raise BadAccount(f"公众号 {path.stem} 还缺或写错:{_where(path.stem, wrong)}") from None
    if lacking := _lacking(account):
        raise BadAccount(f"公众号 {path.stem} 还缺或写错:{_where(path.stem, lacking)}")
    return account


def _lacking(account: Account) -> str:
    keys = [one for one in (account.aes_key, account.former_aes_key) if one]
    if account.mode != "plain" and not account.aes_key:
        return "aes_key"
    if any(not _KEY.fullmatch(key.get_secret_value()) for key in keys):
        return "aes_key"
    if account.notices and account.notices.way == "subscribe" and not account.notices.ask_at:
        return "notices.ask_at"
    sends = account.customer_service or account.notices or account.oauth
    return "secret" if sends and not account.secret else ""


def _fit_for_production(account: Account) -> None:
    if account.api != OFFICIAL:
        raise BadAccount(f"公众号 {account.name} 的 api 只有演示时才能改。")
    if account.mode == "plain":
        raise BadAccount(f"公众号 {account.name} 用的是明文模式,生产环境请用安全模式(mode: safe)。")


def _secret(path: Path, name: str, environ: Mapping[str, str]) -> str | None:
    if given := environ.get(variable(path.stem, name)):
        return given
    file = path.with_suffix(f".{name}")
    if not file.is_file():
        return None
    if file.stat().st_mode & 0o077:
        raise BadAccount(f"密钥文件 {file} 别人也能读;请运行 chmod 600 {file}。")
    return file.read_text().strip()


def variable(account: str, name: str) -> str:
    return f"WECHAT_{account}_{name}".upper().replace("-", "_")


def _where(account: str, names: str) -> str:
    first = names.split("、")[0]
    if first not in SECRETS:
        return f"{names}。"
    return f"{names};密钥放在环境变量 {variable(account, first)} 或文件 {account}.{first}。"
