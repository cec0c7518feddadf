"""`./jieyuan demo wechat`: a page like a WeChat chat, beside a running `./jieyuan up`.

It plays the platform: an account named demo is put into the state directory, where `up` finds it
at its next start. Nothing leaves this machine.
"""

import argparse
import os
import sys
from pathlib import Path

import yaml

from router.cli.environment import child_environment, fail
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan demo", description=__doc__)
    parser.add_argument("what", choices=["wechat"])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="up 的地址")
    parser.add_argument("--port", type=int, default=9200, help="聊天页的端口")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    if settings.JIEYUAN_ENV != "demo":
        return fail("生产环境不能演示。")
    if _put_account(settings.STATE_DIR / "wechat", options.port, settings.REGION):
        print("已放入演示公众号。up 如果已经在运行,请重启一次,它才会认识这个公众号。", flush=True)
    print(f"聊天页:http://127.0.0.1:{options.port}/    按 Ctrl-C 停止。", flush=True)
    player = ["-m", "tests.fake_wechat", "--url", options.url, "--port", str(options.port)]
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, *player], child_environment())  # noqa: S606


def _put_account(folder: Path, port: int, region: str) -> bool:
    """The other side's own keys, see tests/fake_wechat.py. False: it is there already."""
    path = folder / "demo.yml"
    told = {
        "label": "示例县法律援助中心",
        "app_id": "wxdemo0000000001",
        "original_id": "gh_demo00000001",
        "region": region,
        "api": f"http://127.0.0.1:{port}",
        "menu": [
            {"name": "我要咨询", "say": "我要咨询"},
            {"name": "转人工", "say": "转人工"},
            {"name": "网页版", "say": "网页"},
        ],
    }
    secrets = {
        "token": "demoToken12348",
        "aes_key": "Q7mZx2Lr9TnVb4KcWd8YpHs3JfGa6EuR1oXiNt5Bq0v",
        "secret": "demo-secret",
    }
    text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False)
    if path.exists() and path.read_text() == text:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    for name, value in secrets.items():
        file = folder / f"demo.{name}"
        file.touch(mode=0o600)
        file.write_text(value)
    return True
