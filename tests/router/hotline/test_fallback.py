"""Our application is down: callers reach the duty mobile through a static document."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from router.cli import hotline
from router.settings import ROOT
from tests.router.hotline.conftest import CITIZEN

MOBILE = "+8613700000009"
WITHIN = timedelta(seconds=3)


@pytest.fixture
def document(capsys, monkeypatch) -> str:
    monkeypatch.setenv("HOTLINE_NUMBER", "+15005550006")
    assert hotline.main(["fallback", MOBILE]) == 0
    return capsys.readouterr().out.strip()


class Down(httpx.AsyncBaseTransport):
    def __init__(self, how):
        self.how = how

    async def handle_async_request(self, request):
        if self.how == "refuses":
            raise httpx.ConnectError("down")
        if self.how == "hangs":
            await asyncio.Event().wait()
        return httpx.Response(503)


@pytest.mark.parametrize("port", ["twilio"])
@pytest.mark.parametrize("how", ["refuses", "fails", "hangs"])
async def test_while_we_are_down_the_duty_mobile_rings_within_3_seconds(office, document, how):
    manual = (ROOT / "docs/hotline.md").read_text()
    office.carrier.overrides = re.search(r"twilio/voice(#[^`]+)`", manual)[1]
    office.carrier.app = httpx.AsyncClient(transport=Down(how))
    office.carrier.fallback = document
    called = office.clock.now()
    caller = await office.carrier.dials(CITIZEN)
    while MOBILE not in office.carrier.dialled() and office.clock.now() < called + 2 * WITHIN:
        await office.clock.advance(timedelta(milliseconds=100))
    await caller.hears("转接值班手机")
    await office.carrier.rings(MOBILE)
    assert office.clock.now() - called <= WITHIN


@pytest.mark.parametrize("port", ["twilio"])
async def test_without_what_the_manual_sets_there_the_carrier_waits_15_seconds(office, document):
    office.carrier.app = httpx.AsyncClient(transport=Down("hangs"))
    office.carrier.fallback = document
    caller = await office.carrier.dials(CITIZEN)
    await office.clock.advance(timedelta(seconds=14))
    assert caller.heard == []
    await office.clock.advance(timedelta(seconds=1))
    await caller.hears("转接值班手机")


async def test_the_document_needs_nothing_of_us(document):
    assert "http" not in document
    assert MOBILE in document and "110" in document


def test_without_our_own_number_nothing_is_printed(capsys, monkeypatch):
    monkeypatch.delenv("HOTLINE_NUMBER", raising=False)
    assert hotline.main(["fallback", MOBILE]) == 1
    assert "HOTLINE_NUMBER" in capsys.readouterr().err
