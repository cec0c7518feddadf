import sys

from celery import Celery

from bench.carriers.done import URL, done

app = Celery("carriers", broker=URL)
app.conf.broker_connection_retry_on_startup = True


@app.task(name="job")
def job(number: int, sent: float, seconds: float) -> None:
    done(number, sent, seconds)


send = job.delay
WORKER = [
    sys.executable, "-m", "celery", "-A", "bench.carriers.on_celery", "worker", "-c", "1",
    "--loglevel", "ERROR",
]  # fmt: skip
