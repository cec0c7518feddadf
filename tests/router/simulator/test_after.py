"""The seed's funnel through real applications and mediations, in virtual time."""

from router.simulator import report
from router.simulator.measure import measure
from router.simulator.play import play
from tests.router.simulator.conftest import group, scenario

DAYS = {"kind": "exponential", "mean": 100_000}
AFTER = {
    "submitted": 0.8, "granted": 0.6, "fills": DAYS, "decides": DAYS,
    "both_agree": 0.7, "agreement": 0.6, "invites": DAYS, "meets": DAYS,
}  # fmt: skip


def office(**given):
    """Passed on more often than in the seed, so that a small day says something."""
    outcomes = {"aid_application": 4, "referred_mediation": 4, "guided": 2, "answered": 2}
    calls = {"a_day": 1600, "outcomes": outcomes}
    return scenario(calls=calls, lawyers=[group(6)], **given)


def test_what_the_report_counts_is_what_the_logs_say():
    told = measure(play(office(after=AFTER), 3))
    grown, outcomes = told.played.grown, told.outcomes
    assert grown and grown.figures == grown.log and not told.played.broken
    assert grown.figures["came"] == len(told.stories)
    for figure, outcome in (
        ("aid", "aid_application"), ("mediation", "referred_mediation"), ("guided", "guided"),
    ):  # fmt: skip
        assert grown.figures[figure] == outcomes[outcome] > 0
    assert 0 < grown.figures["accepted"] and 0 < grown.figures["refused"]
    assert grown.figures["accepted"] + grown.figures["refused"] == grown.figures["received"]
    assert grown.figures["received"] < grown.figures["aid"]  # some give up
    assert 0 < grown.figures["reached"] < grown.figures["ended"] == grown.figures["mediation"]


def test_the_same_seed_gives_the_same_end_and_another_seed_another():
    first, again, other = (measure(play(office(after=AFTER), seed)) for seed in (3, 3, 4))
    assert report.words(first) == report.words(again)
    assert "进入法律援助申请" in report.words(first)
    assert first.played.grown != other.played.grown


def test_the_day_itself_is_the_same_whether_it_is_followed_to_its_end_or_not():
    followed, alone = (measure(play(office(after=after), 3)) for after in (AFTER, None))
    assert report.table(followed) == report.table(alone)
    assert alone.played.grown is None and "进入法律援助申请" not in report.words(alone)


def test_who_all_agree_leave_nothing_without_an_end():
    sure = AFTER | {"submitted": 1, "granted": 1, "both_agree": 1, "agreement": 1}
    figures = measure(play(office(after=sure), 3)).played.grown.figures
    assert figures["accepted"] == figures["received"] == figures["aid"]
    assert figures["reached"] == figures["ended"] == figures["mediation"]
