"""What a line of a talk shows."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from router.web.view import for_citizen, for_desk


def line(**extra: str) -> SimpleNamespace:
    return SimpleNamespace(
        seq=1, who="bot", text="短的话。", extra=extra, author=None, client_seq=None,
        created_at=datetime(2026, 9, 10, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize("shown", [for_citizen, for_desk])
def test_a_long_answer_is_read_in_full_under_details(shown):
    assert shown([line(kind="more", detail="很长的话。")], {})[0].more == "很长的话。"


def test_a_short_answer_has_nothing_to_fold_away():
    assert for_citizen([line()], {})[0].more == ""
    assert for_citizen([line(kind="decision", detail="在卡片里")], {})[0].more == ""
