"""个人诚信承诺: its text with a version; what was promised is kept as it was read."""

from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from router.settings import ROOT

FILE = ROOT / "data" / "applications" / "promise.yml"


class Promise(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    text: tuple[str, ...]
    cites: tuple[str, ...]


@cache
def current() -> Promise:
    return Promise.model_validate(yaml.safe_load(FILE.read_text("utf-8")))
