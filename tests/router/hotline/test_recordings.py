"""Recordings: only with consent, never of 110, fetched, encrypted, heard with a trace, deleted."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from router.audit import AuditEntry
from router.channels.hotline import recordings
from router.channels.hotline.models import Recording
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.web.staff import COOKIE
from tests.fake_sherpa import put
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN


async def stored(office) -> list[Recording]:
    async with office.parts.db.read() as s:
        rows = await s.scalars(select(Recording).options(undefer(Recording.sound_sealed)))
        return list(rows)


async def kept(office) -> Recording:
    """The only one, once the carrier has none of it any more."""

    async def only_ours():
        found = await stored(office)
        return found[0] if found and not office.carrier.recordings else None

    return await until(only_ours)


async def test_a_recording_is_fetched_checked_encrypted_and_deleted_at_the_carrier(office):
    citizen = await office.talks()
    await until(lambda: citizen.recording)
    await citizen.hangs_up()
    row = await kept(office)
    assert "请说说您遇到了什么事".encode() not in row.sound_sealed
    call = await office.call()
    assert (row.call_id, row.conversation_id) == (call.id, call.conversation_id)
    async with office.parts.db.read() as s:
        sound = await recordings.sound(s, row.id, call.conversation_id)
    assert "请说说您遇到了什么事" in sound.decode(errors="ignore")
    assert hashlib.sha256(sound).hexdigest() == row.sha256


async def test_without_consent_there_is_none(office):
    citizen = await office.carrier.dials(CITIZEN)
    await citizen.hears("录音")
    await citizen.presses("2")
    await citizen.hears("请说说您遇到了什么事")
    await citizen.hangs_up()
    await office.becomes("ended")
    assert await stored(office) == [] and not office.carrier.recordings


async def test_it_ends_before_110_is_on_the_line(office):
    citizen, lawyer, police = await office.three()
    row = await kept(office)
    async with office.parts.db.read() as s:
        call = await office.call()
        sound = await recordings.sound(s, row.id, call.conversation_id)
    assert "律师已经接通" in sound.decode(errors="ignore")
    for line in (citizen, lawyer, police):
        await line.hangs_up()
    await office.becomes("ended")
    assert len(await stored(office)) == 1


async def test_when_its_time_is_over_the_sound_is_gone_and_that_it_was_there_stays(office):
    citizen = await office.talks()
    await until(lambda: citizen.recording)
    await citizen.hangs_up()
    row = await kept(office)
    late = office.clock.now() + office.parts.settings.RECORDING_KEEP
    async with office.parts.db.write() as s:
        await recordings.prune(s, late - timedelta(seconds=1))
    assert (await stored(office))[0].sound_sealed is not None
    async with office.parts.db.write() as s:
        await recordings.prune(s, late)
    [after] = await stored(office)
    assert after.sound_sealed is None and after.deleted_at == late and after.sha256 == row.sha256


async def test_it_is_heard_on_the_cases_page_by_its_lawyer_alone_and_each_time_is_noted(office):
    lawyer_row = await office.lawyer("王律师")
    async with office.parts.db.write() as s:
        mine = await s.get_one(Lawyer, lawyer_row.id)
        mine.password_hash = hash_password("geheim")
    citizen = await office.talks()
    await citizen.presses("0")
    lawyer = await office.takes("+8613900000002")
    await office.carrier.together(citizen, lawyer)
    await citizen.hangs_up()
    row = await kept(office)
    [ticket] = await office.tickets()
    path = f"/desk/tickets/{ticket.id}/recordings/{row.id}"
    door = office.carrier.app
    assert (await door.get(path)).status_code in (303, 401)
    token = await office.parts.lawyers.sign_in(mine.login, "geheim")
    door.cookies.set(COOKIE, token)
    page = await door.get(f"/desk/tickets/{ticket.id}")
    assert path in page.text
    heard = await door.get(path)
    assert heard.status_code == 200 and "请说说您遇到了什么事" in heard.content.decode(
        errors="ignore"
    )
    async with office.parts.db.read() as s:
        noted = list(await s.scalars(select(AuditEntry.action)))
    assert noted.count("hear_recording") == 1


@pytest.fixture
def model(settings, tmp_path, monkeypatch):
    return put(settings, tmp_path, monkeypatch)


@pytest.mark.parametrize("port", ["twilio"])
async def test_with_a_speech_model_its_words_stand_beside_it_and_go_with_it(model, office):
    citizen = await office.talks()
    await until(lambda: citizen.recording)
    await citizen.hangs_up()

    async def written():
        found = await stored(office)
        return found[0].words if found else ""

    assert "请说说您遇到了什么事" in await until(written)
    async with office.parts.db.write() as s:
        await recordings.prune(s, office.clock.now() + office.parts.settings.RECORDING_KEEP)
    assert (await stored(office))[0].words == ""
