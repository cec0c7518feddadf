"""Recordings: only with consent, never of 110, fetched, encrypted, heard with a trace, deleted."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from router.audit import AuditEntry
from router.channels.hotline import recordings
from router.channels.hotline.models import CallTask, Recording, RecordingPart
from router.channels.hotline.port import CarrierError
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.web.recordings import part_of
from router.web.staff import COOKIE
from tests.fake_sherpa import put
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, OPERATOR, POLICE_LINE, WANG


async def stored(office) -> list[Recording]:
    async with office.parts.db.read() as s:
        return list(await s.scalars(select(Recording)))


async def parts_of(office) -> list[RecordingPart]:
    async with office.parts.db.read() as s:
        return list(await s.scalars(select(RecordingPart).order_by(RecordingPart.begins)))


async def sound_of(office, row) -> bytes:
    return b"".join([piece async for piece in recordings.sound(office.parts.db, row)])


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
    [part] = await parts_of(office)
    assert "请说说您遇到了什么事".encode() not in part.sealed
    call = await office.call()
    assert (row.call_id, row.conversation_id) == (call.id, call.conversation_id)
    sound = await sound_of(office, row)
    assert "请说说您遇到了什么事" in sound.decode(errors="ignore")
    assert hashlib.sha256(sound).hexdigest() == row.sha256


async def test_who_refuses_it_reaches_a_lawyer_all_the_same_and_nothing_is_recorded(office):
    await office.lawyer()
    citizen = await office.carrier.dials(CITIZEN)
    await citizen.hears("录音")
    await citizen.presses("2")
    await citizen.hears("请说说您遇到了什么事")
    await citizen.presses("0")
    lawyer = await office.takes(WANG)
    await office.carrier.together(citizen, lawyer)
    await office.becomes("connected")
    assert not citizen.recording and not lawyer.recording
    for line in (citizen, lawyer):
        await line.hangs_up()
    assert (await office.becomes("ended")).outcome == "served"
    assert await stored(office) == [] and not office.carrier.recordings


async def test_what_110_passes_on_is_never_recorded(office):
    await office.lawyer()
    operator = await office.carrier.dials(OPERATOR, POLICE_LINE)
    await operator.hears("请输入警情编号")
    await operator.presses("7#")
    await operator.hears("请输入当事人的电话号码")
    await operator.presses("#")
    lawyer = await office.takes(WANG)
    await office.carrier.together(operator, lawyer)
    await office.becomes("connected")
    for line in (operator, lawyer):
        assert not line.recording
        await line.hangs_up()
    await office.becomes("ended")
    assert await stored(office) == [] and not office.carrier.recordings


async def test_it_ends_before_110_is_on_the_line(office):
    citizen, lawyer, police = await office.three()
    assert not any(line.recording for line in (citizen, lawyer, police))
    row = await kept(office)
    sound = await sound_of(office, row)
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
    await passes(office, office.parts.settings.RECORDING_KEEP - timedelta(seconds=1))
    assert await parts_of(office)
    await passes(office, timedelta(seconds=61))  # the room's timer, once a minute
    [after] = await stored(office)
    assert await parts_of(office) == [] and after.deleted_at and after.sha256 == row.sha256


async def passes(office, span):
    """Nothing but the office's own timers is at work."""
    await office.clock.leap(span)
    await office.parts.dispatch.timers.fire_due()


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
    assert len(heard.content) == row.size
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


# Long ones


@pytest.fixture
def pieces(office, monkeypatch):
    """The carrier has a recording of ten parts; `between` happens after its third piece."""
    monkeypatch.setattr(recordings, "PART", 100)
    monkeypatch.setattr(recordings, "MB", 1)
    office.parts.settings.RECORDING_MAX_MB = 1000
    sound = bytes(n % 251 for n in range(1000))

    async def fetch(ref):
        for n in range(0, 1000, 70):
            if n == 210 and (happens := held.pop("between", None)):
                await happens()
            yield sound[n : n + 70]

    carrier = office.parts.hotline.carrier(office.parts.settings.HOTLINE_CARRIER)
    monkeypatch.setattr(carrier, "fetch", fetch)
    held = {"sound": sound}
    return held


async def ready(office):
    citizen = await office.talks()
    await until(lambda: citizen.recording)
    await citizen.hangs_up()
    await office.becomes("ended")


async def keep_task(office) -> CallTask:
    async def there():
        async with office.parts.db.read() as s:
            return await s.scalar(select(CallTask).where(CallTask.verb == "keep"))

    return await until(there)


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_long_one_is_kept_in_sealed_parts_and_any_piece_of_it_can_be_heard(office, pieces):
    await ready(office)
    row = await kept(office)
    assert [part.begins for part in await parts_of(office)] == list(range(0, 1000, 100))
    assert await sound_of(office, row) == pieces["sound"]
    for start, stop in ((0, 1), (99, 101), (250, 750), (999, 1000)):
        some = [one async for one in recordings.sound(office.parts.db, row, start, stop)]
        assert b"".join(some) == pieces["sound"][start:stop]


@pytest.mark.parametrize("port", ["twilio"])
@pytest.mark.parametrize(("most", "is_kept"), [(1000, True), (999, False)])
async def test_over_the_offices_limit_it_stays_with_the_carrier_and_nothing_of_it_here(
    office, pieces, most, is_kept
):
    office.parts.settings.RECORDING_MAX_MB = most
    await ready(office)

    async def over():  # what is given up is cleared away after that is noted
        return (await keep_task(office)).done_at and bool(await parts_of(office)) is is_kept

    await until(over)
    assert bool(await stored(office)) is is_kept is not bool(office.carrier.recordings)
    assert (await keep_task(office)).fault == (None if is_kept else "too_long")


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_broken_download_begins_anew_and_leaves_no_half_of_it(office, pieces):
    async def broken():
        raise CarrierError("ReadError", wait=1.0)

    pieces["between"] = broken
    await ready(office)
    await until(lambda: "between" not in pieces)
    assert await stored(office) == [] and office.carrier.recordings

    async def again():
        await office.later(5)
        return await stored(office)

    [row] = await until(again)
    assert await sound_of(office, row) == pieces["sound"]
    assert len(await parts_of(office)) == 10


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_process_that_was_frozen_at_it_writes_nothing_into_what_another_fetches(
    office, pieces
):
    async def another_takes_it():
        async with office.parts.db.write() as s:
            late = office.clock.now() + timedelta(seconds=1)
            await s.execute(update(CallTask).where(CallTask.verb == "keep").values(due_at=late))

    pieces["between"] = another_takes_it
    await ready(office)
    await until(lambda: "between" not in pieces)

    async def the_others():
        await office.later(5)
        return await stored(office)

    [row] = await until(the_others)
    assert await sound_of(office, row) == pieces["sound"]


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_part_that_is_gone_or_moved_is_noticed(office, pieces):
    await ready(office)
    row = await kept(office)
    async with office.parts.db.write() as s:
        third = await s.get_one(RecordingPart, (row.id, 200))
        sealed, third.sealed = third.sealed, (await s.get_one(RecordingPart, (row.id, 300))).sealed
    with pytest.raises(Exception):  # noqa: B017  the cipher's own
        await sound_of(office, row)
    async with office.parts.db.write() as s:
        (await s.get_one(RecordingPart, (row.id, 200))).sealed = sealed
        await s.delete(await s.get_one(RecordingPart, (row.id, 900)))
    with pytest.raises(recordings.Damaged):
        await sound_of(office, row)


@pytest.mark.parametrize("port", ["twilio"])
async def test_the_listener_may_begin_in_the_middle(office, pieces):
    citizen, _ = await office.connected()
    await citizen.hangs_up()
    row = await kept(office)
    [ticket] = await office.tickets()
    async with office.parts.db.read() as s:
        mine = await s.get_one(Lawyer, ticket.owner)
    door = await office.at_the_desk(mine)
    path = f"/desk/tickets/{ticket.id}/recordings/{row.id}"
    some = await door.get(path, headers={"Range": "bytes=150-349"})
    assert some.status_code == 206 and some.content == pieces["sound"][150:350]
    assert some.headers["content-range"] == "bytes 150-349/1000"
    assert (await door.get(path, headers={"Range": "bytes=1000-"})).status_code == 416


@pytest.mark.parametrize(
    ("asked", "part"),
    [("", None), ("bytes=0-", (0, 1000)), ("bytes=999-", (999, 1000)), ("bytes=0-0", (0, 1)),
     ("bytes=-1", (999, 1000)), ("bytes=-2000", (0, 1000)), ("bytes=5-4", None),
     ("bytes=990-2000", (990, 1000)), ("bytes=0-1,5-6", None), ("items=0-1", None)],
)  # fmt: skip
def test_a_range_is_read_as_http_says(asked, part):
    assert part_of(asked, 1000) == part
