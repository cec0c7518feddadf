"""clamd as far as INSTREAM goes: counts the pieces as they come and knows one virus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

VIRUS = b"a harmless stand-in for the EICAR test file"
MOST = 25 * 1024 * 1024  # StreamMaxLength


class FakeClamd:
    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.says: bytes | None = None  # instead of what it finds
        self.faults: list[str] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await reader.readuntil(b"\0") != b"zINSTREAM\0":
                self.faults.append("not a z command")
                writer.write(b"UNKNOWN COMMAND\0")
                return
            content = bytearray()
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                content += await reader.readexactly(size)
                if len(content) > MOST:
                    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.seen.append(bytes(content))
            found = b"stream: Win.Test.EICAR_HDB-1 FOUND" if VIRUS in content else b"stream: OK"
            writer.write((self.says or found) + b"\0")
        except asyncio.IncompleteReadError:
            self.faults.append("cut off")
        finally:
            await writer.drain()
            writer.close()

    @asynccontextmanager
    async def running(self, path: str) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._serve, path)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()
