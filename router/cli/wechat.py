"""`./jieyuan wechat menu publish [NAME]`: the menu of an account's file to the platform.
`menu show` prints what would be sent; `list` the accounts with what each lacks."""

import argparse
import asyncio
import json
from pathlib import Path

from router import crypto
from router.channels.wechat import menu
from router.channels.wechat.accounts import Account, load
from router.channels.wechat.post import PlatformRefused, Post
from router.cli.environment import fail
from router.clock import SystemClock
from router.secrets import data_keys
from router.settings import ROOT, Settings

HINTS = {
    40013: "app_id 不对。",
    40125: "secret 不对。",
    40164: "本机的公网地址不在公众号的 IP 白名单里,请在公众平台加上。",
    48001: "这个公众号没有自定义菜单的权限(要认证)。",
    -2: "连不上微信平台,请检查网络。",
}


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    found = load(settings)
    if not found:
        return fail(f"{settings.STATE_DIR / 'wechat'} 里没有公众号文件,写法见 README。")
    if options.action == "list":
        for one in found.values():
            may = "可主动发消息" if one.customer_service else "只能被动回复"
            print(one.name, one.label, one.mode, one.region, may, sep="\t")
            print(f"\t服务器地址 {settings.PUBLIC_URL.rstrip('/')}/wechat/{one.name}")
        return 0
    named = [found[options.name]] if options.name in found else []
    chosen = named if options.name else list(found.values())
    if not chosen:
        return fail(f"没有公众号 {options.name}。")
    if options.what == "show":
        for one in chosen:
            body = menu.published(menu_of(one), settings.PUBLIC_URL)
            print(json.dumps(body, ensure_ascii=False, indent=2))
        return 0
    crypto.use(crypto.Keyring(data_keys(settings)))
    return max(asyncio.run(_publish(one, settings)) for one in chosen)


def menu_of(account: Account) -> list[menu.Item]:
    page = f"/wechat/{account.name}/page" if account.oauth else ""
    return account.menu or menu.default(account.region, bool(account.notices), page)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./jieyuan wechat", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    shown = actions.add_parser("list", help="列出公众号")
    menus = actions.add_parser("menu", help="自定义菜单")
    menus.add_argument("what", choices=["publish", "show"])
    menus.add_argument("name", nargs="?", help="哪个公众号;不写就是全部")
    for one in (shown, menus):
        one.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    return parser


async def _publish(account: Account, settings: Settings) -> int:
    post = Post(account, None, SystemClock())
    try:
        body = menu.published(menu_of(account), settings.PUBLIC_URL)
        await post.call("/cgi-bin/menu/create", body)
    except PlatformRefused as refused:
        why = HINTS.get(refused.code, "微信平台的错误码说明里有原因。")
        return fail(f"{account.name} 的菜单没有发布,错误码 {refused.code}:{why}")
    finally:
        await post.close()
    print(f"{account.name} 的菜单已发布,关注者约 5 分钟内看到。")
    return 0
