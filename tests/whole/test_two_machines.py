"""Two machines and their stores on a third: one is cut off, the other goes on for both."""

import os

import pytest

from bench import machines
from bench.duty import machines as net


async def test_a_machine_that_is_cut_off_loses_and_doubles_nothing(monkeypatch):
    if why := net.impossible():
        assert not os.environ.get("CI"), why  # there every part is installed
        pytest.skip(why)
    monkeypatch.setenv(machines.office.SERVER, "")  # set to the third machine's, then put back
    line, well = await machines.play(cuts=2)
    assert well, line
