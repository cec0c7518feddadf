"""Pictures and voices: kept in the case, encrypted, looked at by content, shown to its lawyer."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from router.conversations.models import Evidence
from router.parts import Parts
from tests import factories
from tests.channels.wechat.conftest import Citizen
from tests.channels.wechat.test_delivery import with_lawyer
from tests.channels.wechat.test_doors import named
from tests.channels.wechat.test_talk import said
from tests.fake_wechat import Platform
from tests.fakes import FakeClock, until
from tests.router.web.test_desk import sign_in

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 100
AMR = b"#!AMR\n" + b"sound" * 100


async def evidence(parts: Parts) -> list[Evidence]:
    async with parts.db.read() as s:
        query = select(Evidence).options(undefer(Evidence.content_sealed))
        return list(await s.scalars(query))


async def settled(parts: Parts) -> Evidence:
    async def done() -> Any:
        return [row for row in await evidence(parts) if row.state != "awaited"]

    return (await until(done))[0]


async def sends(platform: Platform, citizen: Citizen, kind: str, content: bytes | None) -> None:
    if content is not None:
        platform.media["m1"] = content
    fields = platform.message(citizen.openid, kind, MediaId="m1", Recognition="")
    await platform.delivers(fields)
    await platform.posts(fields)  # a copy


async def test_a_picture_is_kept_encrypted_once_and_the_citizen_is_told(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await sends(platform, citizen, "image", JPEG)
    assert "图片收到了" in citizen.sees[-1]
    row = await settled(citizen.parts)
    assert (row.state, row.mime, row.size) == ("kept", "image/jpeg", len(JPEG))
    assert row.content_sealed and b"pixels" not in row.content_sealed and row.source == ""
    assert len(await evidence(citizen.parts)) == 1
    assert (await said(citizen.parts)).count("［图片］") == 1


async def test_before_consent_nothing_is_kept(citizen: Citizen, platform: Platform):
    await sends(platform, citizen, "image", JPEG)
    assert "打字" in citizen.sees[-1] and await evidence(citizen.parts) == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image", b"<html><script>"), ("image", b"MZ\x90\x00"), ("voice", JPEG), ("image", b"")],
)
async def test_what_is_not_what_it_says_is_refused(
    citizen: Citizen, platform: Platform, kind: str, content: bytes
):
    await citizen.agrees()
    await sends(platform, citizen, kind, content)
    row = await settled(citizen.parts)
    assert row.state in ("refused", "lost") and row.content_sealed is None
    await citizen.will_see("再发一次")


async def test_what_the_platform_has_thrown_away_is_told(citizen: Citizen, platform: Platform):
    await citizen.agrees()
    await sends(platform, citizen, "image", None)
    assert (await settled(citizen.parts)).state == "lost"
    await citizen.will_see("没有取到")


async def test_too_large_a_file_is_not_kept(
    citizen: Citizen, platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("router.channels.wechat.media.MAX_BYTES", 100)
    await citizen.agrees()
    await sends(platform, citizen, "image", JPEG)
    assert (await settled(citizen.parts)).state == "lost"


async def test_a_busy_platform_is_asked_again(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    platform.faults = [-1]
    await sends(platform, citizen, "image", JPEG)
    await until(lambda: not platform.faults)

    async def kept() -> bool:
        await clock.advance(timedelta(seconds=1))
        return [row.state for row in await evidence(citizen.parts)] == ["kept"]

    await until(kept)


async def test_a_voice_is_kept_for_the_lawyer_and_the_citizen_asked_to_write(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await sends(platform, citizen, "voice", AMR)
    assert "值班律师能听" in citizen.sees[-1] and "12348" in citizen.sees[-1]
    assert (await settled(citizen.parts)).mime == "audio/amr"


async def test_with_a_transcriber_a_voice_is_heard(citizen: Citizen, platform: Platform):
    class Ear:
        async def text(self, sound: bytes, mime: str) -> str:
            return "我被辞退了" if sound == AMR and mime == "audio/amr" else ""

    await citizen.agrees()
    citizen.parts.wechat.media.transcriber = Ear()
    await sends(platform, citizen, "voice", AMR)
    await citizen.will_see("收到:我被辞退了")


async def test_the_cases_lawyer_sees_it_others_do_not_and_a_trace_stays(
    citizen: Citizen, platform: Platform, router: Parts, clock: FakeClock
):
    await citizen.agrees()
    await sends(platform, citizen, "image", JPEG)
    row = await settled(router)
    _, lawyer = await with_lawyer(citizen)
    other = await factories.lawyer(router.db, clock, "李律师")
    browser, where = platform._http, f"/desk/evidence/{row.id}"
    assert browser
    await sign_in(browser, await named(router, other.id))
    assert (await browser.get(where)).status_code == 404
    await sign_in(browser, await named(router, lawyer))
    shown = await browser.get(where)
    assert shown.content == JPEG and shown.headers["content-type"] == "image/jpeg"
    assert "sandbox" in shown.headers["content-security-policy"]
    from router.audit import AuditEntry

    async with router.db.read() as s:
        looks = await s.scalars(select(AuditEntry.action))
        assert list(looks).count("read_evidence") == 1
