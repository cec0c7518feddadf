"""A process that is killed at the worst moment: all is written, and nothing is kept."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session


class Killed(Exception):
    pass


@contextmanager
def no_commit() -> Iterator[None]:
    """Every transaction inside is written and then lost."""
    event.listen(Session, "before_commit", _stop)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", _stop)


@contextmanager
def killed_at_the_commit() -> Iterator[None]:
    """What is done inside dies with its first transaction."""
    with no_commit(), pytest.raises(Killed):
        yield


def _stop(session: Session) -> None:
    raise Killed
