"""First passwords: made for who has none, read once, and hashed like any other at first use."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from router.audit import AuditEntry
from router.errors import WrongPassword
from router.lawyers.models import Lawyer
from router.lawyers.passwords import first_passwords
from router.lawyers.service import Lawyers, hash_password
from tests import factories


@pytest.fixture
def lawyers(db, clock, settings) -> Lawyers:
    return Lawyers(db, clock, settings)


async def make(db, clock) -> dict[str, str]:
    async with db.write() as s:
        rows = await first_passwords(s, "operator", clock.now())
    return {login: secret for _, _, login, secret in rows}


async def stored(db, login) -> str:
    async with db.read() as s:
        return await s.scalar(select(Lawyer.password_hash).where(Lawyer.login == login))


async def test_only_who_has_none_gets_one_and_only_once(db, clock, lawyers):
    kept = hash_password("长城-路灯-2026")
    await factories.lawyer(db, clock, login="old", password_hash=kept)
    for login in ("new1", "new2"):
        await factories.lawyer(db, clock, login=login, password_hash="")
    made = await make(db, clock)
    assert set(made) == {"new1", "new2"} and await stored(db, "old") == kept
    assert await make(db, clock) == {}
    for login, secret in made.items():
        assert (await lawyers.signed_in(await lawyers.sign_in(login, secret))).login == login
    async with db.read() as s:
        (noted,) = await s.scalars(select(AuditEntry))
    assert noted.about == "2 lawyers"
    assert not any(secret in noted.digest + noted.about for secret in made.values())


@pytest.mark.parametrize("guess", ["", " ", "-"])
async def test_nobody_signs_in_as_a_lawyer_who_has_no_password(db, clock, lawyers, guess):
    await factories.lawyer(db, clock, login="new", password_hash="")
    with pytest.raises(WrongPassword):
        await lawyers.sign_in("new", guess)


async def test_a_first_password_is_hashed_like_any_other_when_it_was_used(db, clock, lawyers):
    await factories.lawyer(db, clock, login="new", password_hash="")
    secret = (await make(db, clock))["new"]
    hasher = PasswordHasher()
    assert hasher.check_needs_rehash(await stored(db, "new"))
    with pytest.raises(WrongPassword):
        await lawyers.sign_in("new", secret + "x")
    assert hasher.check_needs_rehash(await stored(db, "new"))
    await lawyers.sign_in("new", secret)
    assert not hasher.check_needs_rehash(await stored(db, "new"))
    await lawyers.sign_in("new", secret)
