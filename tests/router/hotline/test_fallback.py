"""Our application is down: callers reach the duty mobile through a static document."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from router.cli import hotline
from tests.router.hotline.conftest import CITIZEN

MOBILE = "+8613700000009"


@pytest.fixture
def document(capsys, monkeypatch) -> str:
    monkeypatch.setenv("HOTLINE_NUMBER", "+15005550006")
    assert hotline.main(["fallback", MOBILE]) == 0
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize("port", ["twilio"])
async def test_while_we_are_down_the_duty_mobile_rings(office, document):
    class Down(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            raise httpx.ConnectError("down")

    office.carrier.app = httpx.AsyncClient(transport=Down())
    office.carrier.fallback = document
    caller = await office.carrier.dials(CITIZEN)
    await caller.hears("转接值班手机")
    await office.carrier.rings(MOBILE)


@pytest.mark.parametrize("port", ["twilio"])
async def test_while_we_hang_the_carrier_waits_15_seconds_and_goes_to_the_duty_mobile(
    office, document
):
    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            await asyncio.Event().wait()

    office.carrier.app = httpx.AsyncClient(transport=Hanging())
    office.carrier.fallback = document
    caller = await office.carrier.dials(CITIZEN)
    await office.clock.advance(timedelta(seconds=14))
    assert caller.heard == []
    for _ in range(2):  # it asks once more
        await office.clock.advance(timedelta(seconds=15))
    await caller.hears("转接值班手机")
    await office.carrier.rings(MOBILE)


async def test_the_document_needs_nothing_of_us(document):
    assert "http" not in document
    assert MOBILE in document and "110" in document


def test_without_our_own_number_nothing_is_printed(capsys, monkeypatch):
    monkeypatch.delenv("HOTLINE_NUMBER", raising=False)
    assert hotline.main(["fallback", MOBILE]) == 1
    assert "HOTLINE_NUMBER" in capsys.readouterr().err
