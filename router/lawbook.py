"""The law in force in this process, and how a corrected file comes into force without a restart."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from router import audit
from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.eligibility import Law, LawError, load_law
from router.eligibility.law import LAW_FOLDER
from router.eligibility.lawfile import Remark

log = logging.getLogger(__name__)
TOPIC = "law"
OPERATOR = "operator"  # who sends SIGHUP, in the audit log


@dataclass(frozen=True)
class Change:
    """Fingerprints of the law before and after."""

    old: str
    new: str


class LawBook:
    """`current` is replaced whole: who decides takes it once and keeps it to the end."""

    def __init__(
        self, db: Database, clock: Clock, bus: Bus, region: str, folder: Path = LAW_FOLDER
    ) -> None:
        self._db, self._clock, self._bus, self._region = db, clock, bus, region
        self.folder = folder
        self.current: Law = load_law(folder)
        self._turn = asyncio.Lock()

    async def reload(self, who: str) -> Change:
        """Raises LawError with file and line; then the law that runs goes on."""
        change = await self._replace(who)
        await self._bus.wake(TOPIC)  # also when nothing changed here: a sibling may be behind
        return change

    async def reload_for_operator(self) -> None:
        """SIGHUP: who sent it reads the log."""
        try:
            await self.reload(OPERATOR)
        except Exception as trouble:
            _say(trouble)

    async def follow(self) -> None:
        """Until cancelled: reads anew when a sibling process was told to."""
        async with self._bus.waiting_for(TOPIC) as waiter:
            while True:
                if await waiter.wait(timedelta(hours=1)):
                    try:
                        await self._replace(None)
                    except Exception as trouble:
                        _say(trouble)

    async def _replace(self, who: str | None) -> Change:
        """`who` goes into the audit log; None: a sibling process has written it there."""
        async with self._turn:
            law = await asyncio.to_thread(load_law, self.folder)
            if self._region not in law.regions:
                told = f"没有地区 {self._region}：聊天从它开始(设置 REGION)，不能删去。"
                raise LawError(Remark(self.folder / "regions", 0, told))
            change = Change(self.current.version, law.version)
            if change.old != change.new:
                if who:
                    about = f"{change.old}→{change.new}"
                    async with self._db.write() as s:
                        await audit.record(s, self._clock.now(), who, "reload_law", about)
                self.current = law
                log.info("law.reloaded", extra={"old": change.old, "new": change.new})
            return change


def _say(trouble: Exception) -> None:
    if isinstance(trouble, LawError):  # its text quotes our own files, no citizen
        log.error("law.not_reloaded", extra={"why": str(trouble)})
    else:
        log.error("law.not_reloaded", exc_info=trouble)
