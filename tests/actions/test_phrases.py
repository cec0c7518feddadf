"""Rasa knows none of the texts, because the actions speak them: so we look ourselves."""

import re

import yaml

from actions.phrases import PHRASES
from router.settings import ROOT

ASKED_ABOUT = {"hours", "hotline", "fee", "who"}  # said under the intent's own name


def test_every_text_is_spoken_and_every_spoken_text_exists():
    texts = yaml.safe_load((PHRASES / "responses.yml").read_text())["responses"]
    written = {name.removeprefix("utter_") for name in texts if "/" not in name}
    code = "".join(path.read_text() for path in (ROOT / "actions").glob("*.py"))
    assert written == set(re.findall(r'say\(\s*"(\w+)"', code)) | ASKED_ABOUT
