"""A line of the talk as one text for a follower."""

from router.channels.wechat import words
from router.conversations.models import Message


async def test_a_decision_warns_in_plain_words_without_the_engines_shorthand(db):
    line = Message(id="m", who="bot")
    line.text = "预审结果"
    line.extra = {"kind": "decision", "warn": ["15日内可以提异议(LAL 49；PR2023 22 R-high)"]}
    assert "注意：15日内可以提异议\n" in words.shown(line)
    assert "LAL" not in words.shown(line)
