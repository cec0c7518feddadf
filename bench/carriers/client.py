"""One carrier in a process tree of its own: time until a worker has a job; jobs lost on a kill.

python -m bench.carriers.client celery '{"1": 10, "10": 100}' 1     rate: number of jobs; kill
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time

import redis

from bench.carriers.done import KEY, URL

STARTS = 30.0  # seconds at most until the first job is done
BURST, WORK, KILLED_AFTER, PATIENCE = 60, 0.05, 1.0, 15.0


class Carrier:
    def __init__(self, name: str) -> None:
        self.side = importlib.import_module(f"bench.carriers.on_{name}")
        self.redis = redis.Redis.from_url(URL)
        self.number = 0

    def start(self) -> None:
        """A worker as its documentation starts it."""
        self.worker = subprocess.Popen(
            self.side.WORKER, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def send(self, seconds: float = 0.0) -> None:
        self.number += 1
        self.side.send(self.number, time.time(), seconds)

    def wait(self, count: int, at_most: float) -> dict[int, float]:
        """Seconds to the worker by job, as far as they are done."""
        until = time.monotonic() + at_most
        while self.redis.llen(KEY) < count and time.monotonic() < until:
            time.sleep(0.02)
        said = (line.decode().split() for line in self.redis.lrange(KEY, 0, -1))
        return {int(number): float(took) for number, took in said}

    def at_rate(self, rate: float, count: int) -> list[float]:
        self.redis.delete(KEY)
        began = time.monotonic()
        for turn in range(count):
            time.sleep(max(began + turn / rate - time.monotonic(), 0))
            self.send()
        return sorted(self.wait(count, 60).values())

    def lost(self) -> int:
        """Of a burst that its only worker was killed under, with a new one started at once."""
        self.redis.delete(KEY)
        for _ in range(BURST):
            self.send(WORK)
        time.sleep(KILLED_AFTER)
        self.kill()
        self.start()
        return BURST - len(self.wait(BURST, PATIENCE))


def main(name: str, rates: dict[str, int], kill: bool) -> None:
    carrier = Carrier(name)
    carrier.redis.flushall()
    carrier.start()
    try:
        carrier.send()
        if not carrier.wait(1, STARTS):
            raise SystemExit(f"{name}: its worker does not work")
        took = {rate: carrier.at_rate(float(rate), count) for rate, count in rates.items()}
        lost = carrier.lost() if kill else None
        print(json.dumps({"took": took, "lost": lost, "of": BURST}))
    finally:
        carrier.kill()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3] == "1")
