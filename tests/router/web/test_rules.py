"""What everybody may read without a talk: the scope of aid, the negative list, the standard."""

import httpx
import pytest


@pytest.mark.parametrize(("code", "told"), [("990101", "经济困难标准"), ("HZ", "全国清单")])
async def test_the_public_rules_of_a_region_need_no_talk(
    client: httpx.AsyncClient, code: str, told: str
):
    page = await client.get(f"/law/{code}")
    assert page.status_code == 200 and told in page.text and "/board" not in page.text


async def test_an_unknown_region_has_no_rules(client: httpx.AsyncClient):
    assert (await client.get("/law/nowhere")).status_code == 404
