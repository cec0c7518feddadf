"""Words on a photograph, read by rapidocr: its models lie in the package, nothing is fetched.

A stranger's picture is decoded in a process of its own, with a limit to its memory and its time,
that ends after one picture: the router keeps neither the models (0.4 GB) nor what was read.
"""

import asyncio
import json
import os
import resource
import sys
from typing import Any

from router.settings import ROOT

TIMEOUT = 60  # seconds; reading takes two or three, on a busy machine more
MEMORY = 3 * 2**30  # bytes of address space
LEAST = 0.6  # how sure the model must be of a line


class NotRead(Exception):
    """No picture, too large, or it took too long."""


class Reader:
    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)  # it takes a core for itself

    async def lines(self, picture: bytes) -> list[str]:
        """From the top. Raises NotRead."""
        async with self._one:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "router.ocr"),
                cwd=ROOT,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},  # no secrets
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(TIMEOUT):
                    out, _ = await child.communicate(picture)
            except TimeoutError:
                raise NotRead("too slow") from None
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        if child.returncode:
            raise NotRead("no picture")
        return [str(line) for line in json.loads(out)]


def _main() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    picture = sys.stdin.buffer.read()
    out, sys.stdout = sys.stdout, sys.stderr  # its log is not our answer
    from rapidocr import RapidOCR

    one = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "Global.log_level": "critical"}
    read: Any = RapidOCR(params=one)(picture)
    scores = zip(read.txts or (), read.scores or (), strict=True)
    json.dump([text for text, score in scores if score >= LEAST], out, ensure_ascii=False)


if __name__ == "__main__":
    _main()
