import sys

from huey import RedisHuey

from bench.carriers.done import URL, done

huey = RedisHuey("carriers", url=URL)
send = huey.task()(done)
WORKER = [
    sys.executable, "-c", "from huey.bin.huey_consumer import consumer_main; consumer_main()",
    "bench.carriers.on_huey.huey", "--quiet",
]  # fmt: skip
