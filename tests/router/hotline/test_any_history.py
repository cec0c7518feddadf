"""Random histories of calls leave nothing over; `./jieyuan bench hotline --fuzz` plays more."""

from random import Random

import pytest

from bench.telephone import histories
from bench.telephone.switch import office as played


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_people_and_carrier_do_nothing_is_left_over(tmp_path, seed):
    there = await played(tmp_path, Random(seed))
    for n in range(4):
        found, _ = await histories.history(there, 7_000_000 + 100 * seed + n)
        assert found == []
    await there.hotline.stop()
    await there.db.close()
