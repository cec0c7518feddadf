"""What a job of every carrier does: says when a worker had it, then works for a while."""

import os
import time

import redis

URL = os.environ.get("CARRIER_REDIS", "redis://127.0.0.1:6379/0")
KEY = "done"
_redis = redis.Redis.from_url(URL)


def done(number: int, sent: float, seconds: float) -> None:
    """`sent`: time.time() of the hand-in."""
    had = time.time()
    time.sleep(seconds)
    _redis.rpush(KEY, f"{number} {had - sent}")
