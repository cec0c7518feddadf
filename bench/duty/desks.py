"""Two desks' published ways to hand out work, restated on a virtual clock; seconds of waiting.

- Libredesk: `[autoassigner] autoassign_interval = "5m"` (config.sample.toml): every 5 minutes all
  that is unassigned goes round the agents with room.
- Chatwoot: config/schedule.yml `bulk_auto_assignment_job`, cron */15, and
  `perform_bulk_assignment(limit: 100)`: every 15 minutes 100 at most; and one at a time as they
  come, while somebody has room.
"""

import heapq
import random
from collections import deque


def arrivals(rate: float, span: float, seed: int = 1) -> list[float]:
    dice, now, found = random.Random(seed), 0.0, []
    while (now := now + dice.expovariate(rate)) < span:
        found.append(now)
    return found


def polled(come: list[float], places: int, talk: float, every: float, limit: int) -> list[float]:
    """Waiting until somebody has it; work is handed out every `every` seconds alone."""
    return _waits(come, places, talk, every, limit, at_once=False)


def polled_when_full(
    come: list[float], places: int, talk: float, every: float, limit: int
) -> list[float]:
    """Who comes while there is room is served at once; who must wait, waits for the next run."""
    return _waits(come, places, talk, every, limit, at_once=True)


def _waits(
    come: list[float], places: int, talk: float, every: float, limit: int, *, at_once: bool
) -> list[float]:
    busy: list[float] = []  # when each talk under way ends
    queue: deque[float] = deque()
    waits: list[float] = []
    run, rest = every, deque(come)
    while rest or queue:
        now = min(rest[0], run) if rest else run
        while busy and busy[0] <= now:
            heapq.heappop(busy)
        if rest and now == rest[0]:
            queue.append(rest.popleft())
            if at_once and len(busy) < places:
                waits.append(now - queue.pop())
                heapq.heappush(busy, now + talk)
        else:
            for _ in range(min(limit, places - len(busy), len(queue))):
                waits.append(now - queue.popleft())
                heapq.heappush(busy, now + talk)
            run += every
    return sorted(waits)
