"""`python -m tests.fake_wechat`: the page, and behind it the platform beside a running router."""

import argparse
import asyncio
import contextlib
from urllib.parse import urlsplit

import httpx

from tests.fake_wechat import Official, Platform
from tests.fake_wechat.page import pages


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--port", type=int, default=9200)
    options = parser.parse_args()
    account = f"{options.url.rstrip('/')}/wechat/demo"
    platform = Platform(Official(name="demo", page_domain=urlsplit(options.url).netloc))
    async with httpx.AsyncClient(base_url=options.url, trust_env=False, timeout=30) as client:
        platform.reaches(client)
        async with platform.running(options.port, pages(platform, account)):
            await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
