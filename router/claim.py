"""One conditional update, the frame of every move of what has a state and a numbered history."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession


async def claim(session: AsyncSession, row: Any, values: Mapping[str, Any]) -> bool:
    """Sets `values` and counts `seq` on, if state and `seq` are still as they were read; the row
    then shows it. False: somebody was faster, and nothing is set."""
    table = type(row)
    unmoved = (table.id == row.id, table.status == row.status, table.seq == row.seq)
    taken = update(table).where(*unmoved).values(seq=row.seq + 1, **values)
    done = await session.execute(taken.execution_options(synchronize_session=False))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return False
    await session.refresh(row)
    return True
