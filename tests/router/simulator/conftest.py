"""A small office by the sentence: what a test does not say is quiet and prompt."""

from datetime import timedelta
from typing import Any

from router.simulator.play import Played, play
from router.simulator.scenario import Scenario

MONDAY_NINE = "2026-03-02T09:00:00+08:00"
ALWAYS = [{"since": "00:00", "until": "00:00"}]


def scenario(**given: Any) -> Scenario:
    """Two lawyers who are always there, ten calls expected in half an hour, a minute each."""
    calls = {
        "a_day": 480,
        "handling": {"kind": "exponential", "mean": 60},
        **given.pop("calls", {}),
    }
    return Scenario.model_validate(
        {
            "title": "小屋子",
            "start": MONDAY_NINE,
            "hours": 0.5,
            "calls": calls,
            "lawyers": [group()],
            **given,
        }
    )


def group(seats: int = 2, **given: Any) -> dict[str, Any]:
    return {"name": "值班", "seats": seats, "people": seats, "blocks": ALWAYS, **given}


def closely(given: Scenario, seed: int = 1) -> Played:
    """Played with all invariants looked at every minute."""
    return play(given, seed, look=timedelta(minutes=1))
