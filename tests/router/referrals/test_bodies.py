"""What may be sent: typed, bounded, and every refusal says what is wrong without repeating it."""

import json

import pytest

from router.referrals.models import Referral
from router.tickets.models import Ticket
from tests.fake_partner import EXAMPLE

PERSON = EXAMPLE["person"]


@pytest.mark.parametrize(("field", "most"), [("number", 64), ("told", 4000), ("opponent", 100)])
async def test_a_text_may_be_as_long_as_said_and_no_longer(office, field, most):
    way = await office.way()
    assert (await way.send(**{field: "字" * most})).status_code == 201
    refused = await way.send(**{"number": "2", field: "字" * (most + 1)})
    assert (refused.status_code, refused.json()["code"]) == (422, "BadReferral")
    assert f"{field}（太长）" in refused.json()["error"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"number": ""}, "number（是空的）"),
        ({"number": "  "}, "number（是空的）"),
        ({"number": "1\u0000"}, "number（不可见字符）"),
        ({"number": 5}, "number（类型不对）"),
        ({"number": None}, "number（类型不对）"),
        ({"told": ""}, "told（是空的）"),
        ({"person": {"name": "张三"}}, "person.phone（缺少）"),
        ({"person": {**PERSON, "phone": "没有"}}, "person.phone（格式不对）"),
        ({"person": {**PERSON, "phone": "1234"}}, "person.phone（格式不对）"),
        ({"person": {**PERSON, "phone": "13900000000\n"}}, None),
        ({"person": {**PERSON, "id_card": "x"}}, "person.id_card（没有这一项）"),
        ({"person": []}, "person（类型不对）"),
        ({"urgency": "very"}, "urgency（不在可选的值里）"),
        ({"matter": "nothing"}, "matter（没有这个类别）"),
        ({"region": "11"}, "region（格式不对）"),
        ({"region": "一一〇一〇一"}, "region（格式不对）"),
        ({"callback_url": "http://169.254.169.254/"}, "callback_url（没有这一项）"),
        ({"facts": {"no_such": 1}}, "facts.no_such"),
        ({"facts": {"household_size": "many"}}, "facts.household_size"),
        ({"facts": {str(n): 1 for n in range(61)}}, "facts（太多）"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(office, given, named):
    answer = await (await office.way()).send(**given)
    if named is None:
        assert answer.status_code == 201
        return
    assert answer.status_code == 422 and named in answer.json()["error"]
    assert await office.count(Referral) == await office.count(Ticket) == 0


async def test_an_empty_referral_names_all_that_is_lacking(office):
    refused = (await (await office.way()).post("{}")).json()["error"]
    assert "number（缺少）、person（缺少）、told（缺少）" in refused


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b'{"number": NaN}', b"[" * 20000,
        b'{"number": "\\ud800", "told": "x"}',
    ],
)  # fmt: skip
async def test_what_is_no_referral_at_all_is_refused_in_a_sentence(office, body):
    answer = await (await office.way()).post(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "BadReferral")


async def test_a_refusal_repeats_nothing_of_a_person(office):
    person = {"name": "张三" * 30, "phone": "139-none"}
    answer = await (await office.way()).send(person=person)
    assert answer.status_code == 422
    assert "张三" not in answer.text and "139" not in answer.text


@pytest.mark.parametrize(("over", "status"), [(0, 422), (1, 413)])
async def test_a_body_of_64_kilobytes_is_read_and_one_byte_more_is_not(office, over, status):
    size = office.parts.settings.BODY_MAX_BYTES + over
    body = json.dumps({**EXAMPLE, "told": ""}).encode()
    filled = body.replace(b'"told": ""', b'"told": "' + b"x" * (size - len(body)) + b'"')
    assert len(filled) == size
    answer = await (await office.way()).post(filled)
    assert answer.status_code == status and answer.json()["error"]
    assert await office.count(Referral) == 0


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({"to": "sent"}, "to（不在可选的值里）"),
        ({"to": "returned"}, "退回要在 words 里写明原因"),
        ({"to": "returned", "words": " "}, "退回要在 words 里写明原因"),
        ({"to": "closed"}, "办结要有 outcome"),
        ({"to": "accepted", "outcome": "done"}, "办结要有 outcome"),
        ({"to": "closed", "outcome": "won"}, "outcome（没有这个结果）"),
        ({"to": "closed", "outcome": "done", "words": "字" * 501}, "words（太长）"),
    ],
)
async def test_an_answer_is_whole_or_refused(office, mediators, answer, named):
    _, referral = await office.referred()
    refused = await mediators.answer(referral.receipt, **answer)
    assert refused.status_code == 422 and named in refused.json()["error"]
    assert await office.state(referral) == "sent"
