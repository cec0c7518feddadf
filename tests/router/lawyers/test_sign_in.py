"""Duty lawyers sign in for one shift; the demonstration county's logins are shown once."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from router.demo import seed_demo
from router.errors import NotSignedIn, WrongPassword
from router.lawyers import service
from router.lawyers.models import Firm, Lawyer, StaffSession
from router.lawyers.passwords import password
from router.lawyers.service import Lawyers, hash_password
from tests import factories


@pytest.fixture
def lawyers(db, clock, settings) -> Lawyers:
    return Lawyers(db, clock, settings)


@pytest.fixture
async def wang(db, clock):
    return await factories.lawyer(
        db, clock, login="wang", password_hash=hash_password("长城-路灯-2026")
    )


async def test_a_lawyer_signs_in_and_out(lawyers, wang):
    token = await lawyers.sign_in(" wang ", "长城-路灯-2026")
    assert (await lawyers.signed_in(token)).id == wang.id
    await lawyers.sign_out(token)
    with pytest.raises(NotSignedIn):
        await lawyers.signed_in(token)


@pytest.mark.parametrize(
    ("login", "given"), [("wang", "wrong"), ("wang", ""), ("nobody", "长城-路灯-2026"), ("", "")]
)
async def test_wrong_login_and_wrong_password_look_alike(lawyers, wang, login, given):
    with pytest.raises(WrongPassword):
        await lawyers.sign_in(login, given)


async def test_an_unknown_login_costs_a_password_check_too(lawyers, wang, monkeypatch):
    checked = []
    monkeypatch.setattr(service, "_fits", lambda known, given: checked.append(known) or True)
    with pytest.raises(WrongPassword):
        await lawyers.sign_in("nobody", "x")
    assert len(checked) == 1 and checked[0].startswith("$argon2id$")


async def test_passwords_are_stored_as_argon2id_and_tokens_as_hashes(db, lawyers, wang):
    assert wang.password_hash.startswith("$argon2id$")
    token = await lawyers.sign_in("wang", "长城-路灯-2026")
    async with db.read() as s:
        stored = await s.scalar(select(StaffSession))
    assert token not in stored.token_hash and len(token) >= 40


async def test_a_session_ends_with_the_shift(lawyers, wang, clock, settings, db):
    token = await lawyers.sign_in("wang", "长城-路灯-2026")
    await clock.advance(settings.STAFF_SESSION_TTL - timedelta(seconds=1))
    await lawyers.signed_in(token)
    await clock.advance(timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        await lawyers.signed_in(token)
    await lawyers.sign_in("wang", "长城-路灯-2026")
    async with db.read() as s:
        assert await s.scalar(select(func.count()).select_from(StaffSession)) == 1


@pytest.mark.parametrize("token", [None, "", "x", "长城"])
async def test_a_made_up_token_is_nobody(lawyers, wang, token):
    with pytest.raises(NotSignedIn):
        await lawyers.signed_in(token)


async def test_the_demonstration_county_has_twelve_lawyers_of_four_firms(db, clock, lawyers):
    logins = await seed_demo(db, clock)
    roles = [role for _, _, role, _ in logins]
    assert roles.count("lawyer") == 12 and roles.count("supervisor") == 1
    async with db.read() as s:
        firms = list(await s.scalars(select(Firm)))
        assert len(firms) == 4 and all("虚构" in firm.name for firm in firms)
        assert not any(w.on_duty for w in await s.scalars(select(Lawyer)))
        stored = {w.login: w.password_hash for w in await s.scalars(select(Lawyer))}
    for login, _, _, secret in logins:
        assert len(secret) >= 12 and secret not in stored[login]
    login, _, _, secret = logins[5]
    assert PasswordHasher().verify(stored[login], secret)
    assert (await lawyers.signed_in(await lawyers.sign_in(login, secret))).login == login


async def test_a_second_start_makes_no_new_logins(db, clock):
    assert await seed_demo(db, clock)
    assert await seed_demo(db, clock) == []


async def test_no_two_passwords_are_alike():
    assert len({password() for _ in range(1000)}) == 1000
