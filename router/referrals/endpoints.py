"""`/api/referrals`: for the computers of other organs. docs/referrals.md is written for them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from router.errors import TooFast
from router.parts import Parts, parts
from router.referrals import payloads
from router.referrals.errors import TooManyCalls, WrongKey
from router.referrals.models import Referral, ReferralEvent
from router.referrals.partners import Caller
from router.referrals.schemas import is_notice, read_answer, read_inbound, read_notice

api = APIRouter(prefix="/api/referrals")
Wired = Annotated[Parts, Depends(parts)]
AGAIN = "这个编号以前收到过，回执号不变，没有重复登记。"
OTHER_BODY = (
    "这个编号以前收到过，这次的内容和第一次不同：仍按第一次的内容办理，这次的没有收下。"
    "需要补充的，请换一个新的编号转来，或直接给承办的法律援助中心打电话。"
)


async def caller(request: Request, p: Wired) -> Caller:
    """Whose key is shown; wrong keys are slowed down by address, partners by their own rate."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer" or not key:
            raise WrongKey()
        found = await p.referrals.recognise(key.strip())
    except WrongKey:
        address = request.client.host if request.client else "unknown"
        await _slow(p, "partner-wrong", address, p.settings.OFFICE_LOGIN_RATE)
        raise
    await _slow(p, "partner", found.partner.id, p.settings.PARTNER_RATE)
    return found


async def _slow(p: Parts, what: str, who: str, rate: str) -> None:
    try:
        await p.limits.check(what, who, rate)
    except TooFast as early:
        raise TooManyCalls(early.wait, what=what) from None


Known = Annotated[Caller, Depends(caller)]


@api.post("")
async def send(request: Request, answer: Response, p: Wired, known: Known) -> dict[str, Any]:
    """A case for us, or a notice of criminal aid.

    The same number of the sender's own is always the same receipt.
    """
    known.may("send")
    body = await request.body()
    if is_notice(body):
        got = await p.applications.notices.receive(known.partner, read_notice(body))
    else:
        got = await p.referrals.receive(known.partner, read_inbound(body))
    answer.status_code = 200 if got.repeated else 201
    told = await _standing(p, known, got.referral.receipt)
    told |= {"reference": got.reference, "repeated": got.repeated}
    if not got.same:
        told |= {"code": "SameNumberOtherBody", "notice": OTHER_BODY}
    elif got.repeated:
        told["notice"] = AGAIN
    return told


@api.get("/{receipt}")
async def look(p: Wired, known: Known, receipt: str) -> dict[str, Any]:
    """Where it stands: of what this partner sent us, and of what we sent it."""
    return await _standing(p, known, receipt)


@api.post("/{receipt}/answers")
async def reply(request: Request, p: Wired, known: Known, receipt: str) -> dict[str, Any]:
    """On a case that we sent this partner: accepted, returned with a reason, closed."""
    known.may("answer")
    said = read_answer(await request.body())
    await p.referrals.answer(known.partner, receipt, said)
    return await _standing(p, known, receipt)


async def _standing(p: Parts, known: Caller, receipt: str) -> dict[str, Any]:
    found: tuple[Referral, ReferralEvent] = await p.referrals.standing(known.partner, receipt)
    return payloads.standing(*found)
