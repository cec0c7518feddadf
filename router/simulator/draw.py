"""What chance decides: spans of time, calls, one stream of numbers for each purpose.

Streams of their own keep the calls of a seed the same, however many lawyers answer them.
"""

import math
from collections.abc import Iterator, Mapping
from random import Random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]
_Z90 = 1.2815515655446004  # the normal distribution's 90th percentile


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fixed(_Kind):
    kind: Literal["fixed"]
    value: Annotated[float, Field(ge=0)]

    def draw(self, chance: Random) -> float:
        return self.value


class Exponential(_Kind):
    kind: Literal["exponential"]
    mean: Positive

    def draw(self, chance: Random) -> float:
        return chance.expovariate(1 / self.mean)


class Lognormal(_Kind):
    """What telephone talks look like (Brown et al. 2005, "Statistical Analysis of a Telephone
    Call Center", JASA 100(469): service times are lognormal)."""

    kind: Literal["lognormal"]
    median: Positive
    p90: Positive

    def draw(self, chance: Random) -> float:
        sigma = math.log(self.p90 / self.median) / _Z90
        return self.median * math.exp(chance.gauss(0, sigma))


Distribution = Annotated[Fixed | Exponential | Lognormal, Field(discriminator="kind")]


def stream(seed: int, purpose: str) -> Random:
    return Random(f"{seed}/{purpose}")  # noqa: S311  to be repeatable, not secret


def pick(chance: Random, weights: Mapping[str, float]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def poisson(chance: Random, a_second: float, seconds: float) -> Iterator[float]:
    """Moments of a Poisson process of this rate, in seconds from its start."""
    if a_second <= 0:
        return
    at = chance.expovariate(a_second)
    while at < seconds:
        yield at
        at += chance.expovariate(a_second)
