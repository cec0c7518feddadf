"""What other organs' computers say of an applicant: with consent, in part, for a time."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from router import peers
from router.agencies import service
from router.agencies.models import Inquiry
from router.agencies.service import NoConsent, NothingToAsk, of
from router.dispatch.models import Timer
from router.peers import Peer
from router.settings import MissingSettings
from tests.fake_agency import FakeAgency
from tests.router.applications.conftest import ID
from tests.router.applications.test_pages import ORIGIN, begin, fill, reviewer, send  # noqa: F401

SECRET = "a long secret of both sides"


@pytest.fixture
async def institution(institution):
    """Its timers fire when the test says so."""
    await institution.parts.dispatch.timers.stop()
    return institution


@pytest.fixture
def agency(clock):
    return lambda does: FakeAgency(does, SECRET, lambda: clock.now().timestamp())


def peer(name: str, url: str, asks: str = "means", **given) -> Peer:
    told = {"label": name, "timeout": 50, "days": 30, "secret": SecretStr(SECRET)} | given
    return Peer(name=name, url=url, asks=asks, **told)


async def run(institution, times: int = 1) -> None:
    for _ in range(times):
        await institution.parts.dispatch.timers.fire_due()
        await institution.parts.errands.done()


async def later(institution, span: timedelta) -> None:
    await institution.wait(span / timedelta(days=1))


async def states(institution, it) -> dict[str, str]:
    async with institution.db.read() as s:
        return {one.source: one.state for one in await of(s, it.id)}


async def ask(institution, it, asks="means", way="promise", who="") -> None:
    await institution.parts.agencies.ask(it.id, institution.boss.id, asks, way, who)


async def test_one_request_goes_to_each_and_one_that_is_silent_holds_up_no_other(
    institution, agency, clock
):
    it = await institution.submitted()
    good, bad = agency("means"), agency("means")
    bad.forged = True  # an answer that is not theirs is none
    async with good.running() as one, bad.running() as other:
        gone = "http://127.0.0.1:9/"
        institution.parts.agencies.sources = {
            "civil": peer("civil", one), "tax": peer("tax", other), "housing": peer("housing", gone)
        }  # fmt: skip
        await ask(institution, it)
        await run(institution)
        assert await states(institution, it) == {
            "civil": "answered", "tax": "asking", "housing": "asking"
        }  # fmt: skip
        bad.forged = False
        await later(institution, timedelta(seconds=10))
        await run(institution)
        assert (await states(institution, it))["tax"] == "answered"
        for _ in service.WAITS:
            await later(institution, timedelta(hours=6))
            await run(institution)
    assert (await states(institution, it))["housing"] == "silent"
    (told,) = good.calls
    assert (told["name"], told["id_number"], told["consent"]["way"]) == ("张三", ID, "promise")
    async with institution.db.read() as s:
        row = next(one for one in await of(s, it.id) if one.source == "civil")
    assert row.told["facts"] == [["最低生活保障", "在册，3 人户"]] and row.as_of == "2026-03-01"
    assert row.consent["at"].startswith("2026-03-02") and "在册".encode() not in row.told_sealed


async def test_an_answer_holds_so_long_and_is_then_deleted(institution, agency, clock):
    it = await institution.submitted()
    async with agency("means").running() as url:
        institution.parts.agencies.sources = {"civil": peer("civil", url, days=10)}
        await ask(institution, it)
        await run(institution)
    await later(institution, timedelta(days=10) - timedelta(minutes=1))
    await run(institution)
    assert await states(institution, it) == {"civil": "answered"}
    await later(institution, timedelta(minutes=2))
    await run(institution, 2)
    assert await states(institution, it) == {"civil": "expired"}
    async with institution.db.read() as s:
        (row,) = await of(s, it.id)
        assert row.told == {} and not await s.scalar(select(func.count(Timer.id)).where(
            Timer.kind == service.TIMER))  # fmt: skip


async def test_a_process_killed_in_the_middle_leaves_an_inquiry_that_goes_on(
    institution, agency, clock
):
    it = await institution.submitted()
    civil = agency("means")
    civil.slow = asyncio.Event()
    async with civil.running() as url:
        institution.parts.agencies.sources = {"civil": peer("civil", url)}
        await ask(institution, it)
        await killed_at(institution, civil)
        await run(institution)
        assert await states(institution, it) == {"civil": "asking"}
        await later(institution, timedelta(seconds=61))
        await run(institution)
    assert await states(institution, it) == {"civil": "answered"}
    assert civil.calls[0]["inquiry"] == civil.calls[1]["inquiry"]


async def killed_at(institution, fake) -> None:
    """The process dies while the other side has been asked and has not answered."""
    await institution.parts.dispatch.timers.fire_due()
    while not fake.calls:
        await asyncio.sleep(0.01)
    await institution.parts.errands.stop()
    fake.slow.set()


async def test_nobody_is_asked_without_recorded_consent_or_before_the_application(institution):
    institution.parts.agencies.sources = {"civil": peer("civil", "http://127.0.0.1:9/")}
    draft, it = await institution.filled(), await institution.submitted()
    with pytest.raises(NoConsent):
        await ask(institution, draft)  # nothing was promised yet
    with pytest.raises(NothingToAsk):
        await ask(institution, draft, way="phone", who="本人")
    for way, who in (("", ""), ("phone", ""), ("by pigeon", "本人")):
        with pytest.raises(NoConsent):
            await ask(institution, it, way=way, who=who)
    with pytest.raises(NothingToAsk):
        await ask(institution, it, asks="identity")  # no such organ is connected
    await ask(institution, it, way="phone", who="本人")
    await ask(institution, it)
    async with institution.db.read() as s:
        (row,) = (await s.scalars(select(Inquiry))).all()  # asked already: not twice
    assert row.consent["who"] == "本人"


async def test_a_face_is_shown_to_the_service_alone_and_we_hear_only_its_word(
    institution, client, reviewer, agency, clock  # noqa: F811
):  # fmt: skip
    await begin(institution, client)
    await fill(client)
    await send(client)
    (it,) = await all_of(institution)
    service_of_faces = agency("identity")
    async with service_of_faces.running() as url:
        institution.parts.agencies.sources = {"police": peer("police", url, "identity")}
        asked = await reviewer.post(
            f"/desk/applications/{it.id}/agencies/identity", data={"way": "promise"}
        )
        assert asked.status_code == 303
        await run(institution)
        assert "https://face.example.gov.cn/go/1" in (await client.get("/apply/status")).text
        service_of_faces.faces.add(service_of_faces.calls[0]["inquiry"])
        await later(institution, service.LOOK)
        await run(institution)
    page = (await reviewer.get(f"/desk/applications/{it.id}")).text
    assert "人脸核验" in page and "通过" in page and "诚信承诺书里已同意" in page
    assert "face.example" not in (await client.get("/apply/status")).text
    assert "face" not in service_of_faces.calls[0]


async def test_by_default_number_picture_and_a_human_eye_tell_who_somebody_is(
    institution, reviewer  # noqa: F811
):  # fmt: skip
    it = await institution.submitted()
    page = (await reviewer.get(f"/desk/applications/{it.id}")).text
    assert "人工核对身份" in page and 'id="ask-means"' not in page, "no organ is connected"
    how = {"how": "看原件，和来人一致"}
    await reviewer.post(f"/desk/applications/{it.id}/identity/seen", data=how, headers=ORIGIN)
    page = (await reviewer.get(f"/desk/applications/{it.id}")).text
    assert "校验码相符" in page and "看原件" in page and "不能单凭它不予援助" in page


@pytest.mark.parametrize(("fault", "fit"), [("", True), ("open", False), ("plain", False)])
def test_a_port_without_a_private_secret_or_in_clear_is_told_at_the_start(settings, fault, fit):
    folder = settings.STATE_DIR / "agencies"
    folder.mkdir(parents=True)
    scheme = "http" if fault == "plain" else "https"
    (folder / "tax.yml").write_text(f"label: 税务\nasks: means\nurl: {scheme}://tax.example/\n")
    key = folder / "tax.secret"
    key.write_text(SECRET)
    key.chmod(0o644 if fault == "open" else 0o600)
    settings.JIEYUAN_ENV = "production"
    if fit:
        assert peers.load(settings, "agencies")["tax"].label == "税务"
    else:
        with pytest.raises(MissingSettings) as told:
            peers.load(settings, "agencies")
        assert SECRET not in str(told.value)


async def all_of(institution):
    from router.applications.models import Application

    async with institution.db.read() as s:
        return (await s.scalars(select(Application))).all()
