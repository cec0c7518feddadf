from sqlalchemy import select

from router import audit


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
