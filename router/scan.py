"""A file of a stranger's, looked through for viruses by clamd, where the office runs one.

INSTREAM as in clamd(8): `zINSTREAM\\0`, then pieces with their length as four bytes, network order,
an empty piece at the end; answered `stream: OK`, `stream: <name> FOUND`, or with an ERROR.
"""

import asyncio
import logging
from typing import Literal, Protocol

from router.errors import RouterError
from router.settings import MissingSettings, Settings

log = logging.getLogger(__name__)
PIECE = 64 * 1024  # bytes
ANSWER_WITHIN = 20  # seconds, for the whole of it
State = Literal["clean", "infected", "waiting"]  # waiting: the scanner gives no answer now


class NotScannedYet(RouterError):
    """这个文件还没有查过病毒（查毒程序暂时没有回应），查过以后才能打开。请过几分钟再试。"""

    status = 503


class Infected(RouterError):
    """这个文件查出了病毒，没有收下。请在干净的手机或电脑上重新拍照，再交一次。"""

    status = 422


class Scanner(Protocol):
    async def look(self, content: bytes) -> State: ...


def load(settings: Settings) -> Scanner | None:
    """None: no scanner is set. Raises MissingSettings."""
    where = settings.CLAMD
    if not where:
        return None
    host, _, port = where.rpartition(":")
    if where.startswith("/"):
        return Clamd(path=where)
    if not host or not port.isdigit():
        raise MissingSettings("CLAMD 要写 clamd 的套接字路径，或者“地址:端口”。")
    return Clamd(host=host.strip("[]"), port=int(port))


class Clamd:
    def __init__(self, path: str = "", host: str = "", port: int = 0) -> None:
        self._path, self._host, self._port = path, host, port

    async def look(self, content: bytes) -> State:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.warning("scan.unreached", extra={"error": type(error).__name__})
            return "waiting"
        if answer.endswith(" FOUND"):
            return "infected"
        if answer == "stream: OK":
            return "clean"
        log.warning("scan.refused", extra={"n": len(content)})  # its size limit, or out of memory
        return "waiting"

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._open()
        try:
            writer.write(b"zINSTREAM\0")
            for at in range(0, len(content), PIECE):
                piece = content[at : at + PIECE]
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].decode("utf-8", "replace")
        finally:
            writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._path:
            return await asyncio.open_unix_connection(self._path)
        return await asyncio.open_connection(self._host, self._port)
