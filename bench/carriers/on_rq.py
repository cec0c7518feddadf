import sys

import redis
from rq import Queue

from bench.carriers.done import URL, done

queue = Queue(connection=redis.Redis.from_url(URL))


def send(number: int, sent: float, seconds: float) -> None:
    queue.enqueue(done, number, sent, seconds)


WORKER = [sys.executable, "-m", "rq.cli", "worker", "--url", URL, "--quiet"]
