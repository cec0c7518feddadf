"""`./jieyuan demo wechat`: a page like a WeChat chat, beside a running `./jieyuan up`.
`./jieyuan demo hotline`: a day of the hotline, told line by line.

Each plays the other side: an account, or a telephone exchange, is put into the state directory,
where `up` finds it at its next start. Nothing leaves this machine.
"""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

import yaml

from router.cli.environment import child_environment, fail
from router.settings import ROOT, Settings

TELEPHONE = "demo-hotline.json"  # in the state directory: settings of the played exchange


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan demo", description=__doc__)
    parser.add_argument("what", choices=["wechat", "hotline"])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="up 的地址")
    parser.add_argument("--port", type=int, help="聊天页(9200)或电话网关(9100)的端口")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    if settings.JIEYUAN_ENV != "demo":
        return fail("生产环境不能演示。")
    if options.what == "hotline":
        return _hotline(settings, options.url, options.port or 9100)
    port = options.port or 9200
    if _put_account(settings.STATE_DIR / "wechat", port, settings.REGION):
        print("已放入演示公众号。up 如果已经在运行,请重启一次,它才会认识这个公众号。", flush=True)
    print(f"聊天页:http://127.0.0.1:{port}/    按 Ctrl-C 停止。", flush=True)
    player = ["-m", "tests.fake_wechat", "--url", options.url, "--port", str(port)]
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, *player], child_environment())  # noqa: S606


def _hotline(settings: Settings, url: str, port: int) -> int:
    from router.cli import demo_hotline  # has a database; `up` imports this module

    path, gateway = settings.STATE_DIR / TELEPHONE, f"http://127.0.0.1:{port}"
    told = _telephone(settings.STATE_DIR)
    if told.get("CTI_URL") == gateway:
        return demo_hotline.main(settings, told, url, port)
    told = {
        "HOTLINE_CARRIER": "cti", "HOTLINE_NUMBER": "12348", "HOTLINE_POLICE": "110",
        "HOTLINE_POLICE_LINE": "12348110", "CTI_URL": gateway, "CTI_KEY": "demo",
        "CTI_SECRET_OUT": secrets.token_hex(24), "CTI_SECRET_IN": secrets.token_hex(24),
    }  # fmt: skip
    path.touch(mode=0o600)
    path.write_text(json.dumps(told))
    print("已放入演示电话网关。请把 up 重启一次，它才会认识这个网关；然后再运行一次本命令。")
    return 0


def _telephone(state: Path) -> dict[str, str]:
    path = state / TELEPHONE
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def lend_telephone(state: Path) -> None:
    """`up` takes the played exchange in, unless the office has one of its own."""
    if "HOTLINE_CARRIER" not in os.environ and os.environ.get("JIEYUAN_ENV") != "production":
        os.environ.update(_telephone(state))


def _put_account(folder: Path, port: int, region: str) -> bool:
    """The other side's own keys, see tests/fake_wechat.py. False: it is there already."""
    path = folder / "demo.yml"
    told = {
        "label": "示例县法律援助中心",
        "app_id": "wxdemo0000000001",
        "original_id": "gh_demo00000001",
        "region": region,
        "api": f"http://127.0.0.1:{port}",
        "oauth": True,
        "menu": [
            {"name": "我要咨询", "say": "我要咨询"},
            {"name": "转人工", "say": "转人工"},
            {"name": "网页版", "url": "/wechat/demo/page"},
        ],
    }
    held = {
        "token": "demoToken12348",
        "aes_key": "Q7mZx2Lr9TnVb4KcWd8YpHs3JfGa6EuR1oXiNt5Bq0v",
        "secret": "demo-secret",
    }
    text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False)
    if path.exists() and path.read_text() == text:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    for name, value in held.items():
        file = folder / f"demo.{name}"
        file.touch(mode=0o600)
        file.write_text(value)
    return True
