import asyncio

import pytest
from sqlalchemy import delete, select, update

from router import audit
from router.audit import AuditEntry
from router.cli import audit as command


async def entries(db, clock, count: int) -> None:
    for n in range(1, count + 1):
        async with db.write() as session:
            await audit.record(session, clock.now(), "lawyer-1", "read_case", f"ticket-{n}")


async def verified(db) -> audit.Chain:
    async with db.read() as session:
        return await audit.verify(session)


async def test_each_entry_is_hashed_over_the_one_before_it(db, clock):
    for about in ("ticket-1", "ticket-2", "ticket-3"):
        async with db.write() as session:
            await audit.record(session, clock.now(), "lawyer-1", "read_case", about)
    async with db.read() as session:
        entries = list(
            await session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id))
        )
    previous = ""
    for entry in entries:
        assert entry.previous == previous
        digest = audit.digest_of(entry.previous, entry.at, entry.who, entry.action, entry.about)
        assert entry.digest == digest
        previous = entry.digest
    assert len(entries) == 3
    changed = audit.digest_of("", entries[0].at, "lawyer-1", "read_case", "ticket-9")
    assert changed != entries[0].digest


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
async def test_a_trail_as_it_was_written_is_whole(db, clock, monkeypatch, page):
    monkeypatch.setattr(audit, "PAGE", page)
    assert (await verified(db)).broken is None
    await entries(db, clock, 4)
    chain = await verified(db)
    assert (chain.broken, chain.length) == (None, 4)


@pytest.mark.parametrize("changed", ["who", "action", "about"])
async def test_a_changed_entry_is_found(db, clock, changed):
    await entries(db, clock, 4)
    async with db.write() as s:
        await s.execute(update(AuditEntry).where(AuditEntry.id == 2).values({changed: "another"}))
    chain = await verified(db)
    assert chain.broken and (chain.broken.id, chain.length) == (2, 1)


async def test_an_entry_that_was_changed_and_hashed_anew_betrays_itself_by_the_next(db, clock):
    await entries(db, clock, 4)
    async with db.write() as s:
        one = await s.get(AuditEntry, 2)
        one.about = "ticket-9"
        one.digest = audit.digest_of(one.previous, one.at, one.who, one.action, one.about)
    chain = await verified(db)
    assert chain.broken and chain.broken.id == 3


@pytest.mark.parametrize("removed", [1, 2, 3])
async def test_a_removed_entry_is_missed_by_the_one_after_it(db, clock, removed):
    await entries(db, clock, 4)
    async with db.write() as s:
        await s.execute(delete(AuditEntry).where(AuditEntry.id == removed))
    chain = await verified(db)
    assert chain.broken and chain.broken.id == removed + 1


async def test_a_cut_end_shows_against_the_digest_that_was_noted(db, clock):
    await entries(db, clock, 4)
    noted = (await verified(db)).last
    async with db.write() as s:
        await s.execute(delete(AuditEntry).where(AuditEntry.id == 4))
    chain = await verified(db)
    assert (chain.broken, chain.length) == (None, 3) and chain.last != noted


async def test_the_command_counts_a_whole_trail_and_names_the_first_broken_entry(
    db, clock, settings, capsys, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)

    async def run() -> int:
        return await asyncio.to_thread(command.main, ["--state", str(settings.STATE_DIR)])

    await entries(db, clock, 3)
    assert await run() == 0
    told = capsys.readouterr().out
    assert "共 3 条" in told and (await verified(db)).last in told
    async with db.write() as s:
        await s.execute(update(AuditEntry).where(AuditEntry.id == 2).values(about="another"))
    assert await run() == 1
    told = capsys.readouterr().err
    assert "第 2 条" in told and told.count("\n") == 1
