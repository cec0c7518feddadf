"""Where it stands, with reference and code: web and telephone alike, strangers hear nothing."""

import pytest

from router import codes
from router.errors import TooFast
from router.gateway.standing import NotFoundSo, Standing, keyed
from tests.router.web.test_desk import OURS, PAGE


@pytest.fixture
def standing(parts):
    return Standing(parts.db, parts.clock, parts.limits, parts.routing)


@pytest.fixture
async def talk(parts):
    told, _ = await parts.gateway.open("web", None, consent=True)
    await parts.routing.open_ticket(told.id, "m-1", "duty_lawyer")
    return told


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_reference_and_code_tell_where_it_stands_and_whom_to_call(standing, talk):
    code = codes.standing_code(talk.reference)
    said = await standing.asked(f" {talk.reference.lower()} ", f"{code[:3]} {code[3:]}", "1.2.3.4")
    assert talk.reference in said and "值班律师" in said and "12348" in said


async def test_the_keys_under_the_letters_find_the_same_as_the_letters(standing, talk):
    code = codes.standing_code(talk.reference)
    by_letters = await standing.asked(talk.reference, code, "a")
    assert await standing.asked(keyed(talk.reference), code, "a") == by_letters


def test_every_sign_of_a_reference_has_its_key():
    assert keyed("JY-ABCD-WXYZ") == "22239999" and "0" not in keyed(f"JY-{codes.ALPHABET}")


async def test_a_stranger_with_the_reference_alone_hears_what_an_unknown_one_hears(
    standing, talk, client
):
    answers = []
    for reference in (talk.reference, "JY-2222-2223", keyed(talk.reference)):
        data = {"reference": reference, "code": wrong(codes.standing_code(talk.reference))}
        answers.append(await client.post("/status", data=data, headers=OURS | PAGE))
    assert {a.status_code for a in answers} == {404} and len({a.text for a in answers}) == 1


async def test_a_code_cannot_be_guessed_however_the_reference_is_written(standing, talk):
    bad = wrong(codes.standing_code(talk.reference))
    written = [talk.reference, talk.reference.lower(), keyed(talk.reference), talk.reference[3:]]
    for n in range(10):
        with pytest.raises(NotFoundSo):
            await standing.asked(written[n % 4], bad, f"caller {n}")
    with pytest.raises(TooFast):
        await standing.asked(talk.reference, codes.standing_code(talk.reference), "caller 11")


async def test_the_page_tells_it_from_any_device(client, talk):
    assert "查询码" in (await client.get("/status", headers=PAGE)).text
    data = {"reference": talk.reference, "code": codes.standing_code(talk.reference)}
    shown = await client.post("/status", data=data, headers=OURS | PAGE)
    assert shown.status_code == 200 and talk.reference in shown.text


async def test_the_chat_tells_the_code_to_its_own_citizen(parts, talk):
    code = codes.standing_code(talk.reference)
    assert f"查询码 {code}" in await parts.routing.status(talk.id)
