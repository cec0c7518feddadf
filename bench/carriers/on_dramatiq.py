import sys

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from bench.carriers.done import URL, done

dramatiq.set_broker(RedisBroker(url=URL))
job = dramatiq.actor(done)
send = job.send
WORKER = [sys.executable, "-m", "dramatiq", "bench.carriers.on_dramatiq", "-p", "1"]
