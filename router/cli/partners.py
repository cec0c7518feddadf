"""`./jieyuan partners add NAME LABEL --days N`: another organ's computer, its key shown once.
`key NAME` makes another key, `revoke NAME|KEY` ends one, `list` shows them all."""

import argparse
import asyncio
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from router import crypto
from router.cli.environment import fail, missing
from router.clock import CHINA, SystemClock, china_date
from router.db import Database
from router.referrals import partners
from router.referrals.models import Partner, PartnerKey
from router.secrets import data_keys
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    if lacking := missing(settings):
        return fail(lacking)
    crypto.use(crypto.Keyring(data_keys(settings)))
    if options.action in ("add", "key") and not (options.send or options.answer or options.call):
        return fail(
            "请写明这把密钥能做什么:--send 可转来,--answer 可答复,--call 可转接来电,可以都写。"
        )
    if options.action == "add" and (wrong := _unfit(options, settings)):
        return fail(wrong)
    try:
        return asyncio.run(_run(options, settings))
    except IntegrityError:
        return fail(f"合作单位 {options.name} 已经有了(停用的也不能重名);再要一把密钥用 key。")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./jieyuan partners", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="加一个合作单位")
    add.add_argument("name", help="短名,如 12345")
    add.add_argument("label", help="给人看的名称")
    add.add_argument("--days", type=int, required=True, help="对它转来的事,我们几天内答复")
    add.add_argument("--region", help="六位地区代码(默认用设置里的 REGION)")
    add.add_argument("--url", help="往哪里推送,只有这里能设")
    key = actions.add_parser("key", help="再要一把密钥")
    key.add_argument("name")
    for one in (add, key):
        one.add_argument("--send", action="store_true", help="可转来")
        one.add_argument("--answer", action="store_true", help="可答复我们转去的")
        one.add_argument("--call", action="store_true", help="可转接来电(110 接线台)")
        one.add_argument("--expires", type=date.fromisoformat, help="用到哪一天,如 2027-12-31")
    revoke = actions.add_parser("revoke", help="停用一个单位,或它的一把密钥")
    revoke.add_argument("name", help="单位的短名,或密钥的编号")
    shown = actions.add_parser("list", help="列出")
    for one in (add, key, revoke, shown):
        one.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    return parser


def _unfit(options: argparse.Namespace, settings: Settings) -> str | None:
    region = options.region or settings.REGION
    if not options.name.strip() or ":" in options.name or not options.label.strip():
        return "短名和名称都要写,短名里不能有冒号。"
    if not 1 <= options.days <= 366:
        return "--days 应当在 1 到 366 之间。"
    if not (region.isdigit() and len(region) == 6):
        return "--region 应当是六位地区代码。"
    plain = settings.JIEYUAN_ENV == "demo"
    return partners.fault_of(options.url, plain) if options.url else None


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    db, now = Database(settings.database_url), SystemClock().now()
    try:
        if options.action == "list":
            return await _list(db, now)
        async with db.write() as s:
            if options.action == "revoke":
                if await partners.revoke(s, options.name, now):
                    print(f"{options.name} 已停用。")
                    return 0
                return fail(f"没有叫 {options.name} 的单位或密钥,或已停用。")
            secret = None
            if options.action == "add":
                partner, secret = await partners.add(
                    s,
                    now,
                    name=options.name.strip(),
                    label=options.label.strip(),
                    region=options.region or settings.REGION,
                    days=options.days,
                    url=options.url,
                )
            else:
                found = await partners.by_name(s, options.name)
                if found is None:
                    return fail(f"没有合作单位 {options.name},或已停用。")
                partner = found
            scopes = [name for name in partners.SCOPES if getattr(options, name)]
            key = await partners.new_key(s, partner, scopes, now, _end_of(options.expires))
    finally:
        await db.close()
    print(f"密钥\t{key}")
    if secret:
        print(f"签名口令\t{secret}")
    print("只显示这一次,请交给对方的管理员。对接说明:docs/referrals.md、docs/transfers.md")
    return 0


async def _list(db: Database, now: datetime) -> int:
    async with db.read() as s:
        rows = await s.execute(
            select(Partner, PartnerKey)
            .join(PartnerKey, PartnerKey.partner_id == Partner.id)
            .order_by(Partner.name, PartnerKey.created_at)
        )
        for partner, key in rows:
            may = "、".join(partners.SCOPES[scope] for scope in key.scopes)
            print(
                partner.name, partner.label, key.id, may, f"{partner.days} 天答复",
                partner.url or "不推送", _state(partner, key, now), sep="\t",
            )  # fmt: skip
    return 0


def _state(partner: Partner, key: PartnerKey, now: datetime) -> str:
    if partner.revoked_at or key.revoked_at:
        return "已停用"
    if key.expires_at is None:
        return "在用"
    last = china_date(key.expires_at - timedelta(seconds=1))
    return f"用到 {last}" if key.expires_at > now else "已过期"


def _end_of(day: date | None) -> datetime | None:
    """The key is good to the end of its last day in China."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA) if day else None
