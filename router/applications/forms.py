"""Papers as PDF and DOCX: the same application gives the same bytes, today and in a year. typst
renders the PDF from data/forms with a font out of a package, the DOCX is the office's template of
the same name in data/templates; nothing of the machine or the moment goes in."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pylopdf_fonts_zh_cn
import typst

from router import docx as templates
from router.applications import blocks, lanes, letters, promise
from router.applications.models import Application
from router.clock import CHINA
from router.destinations.labels import LABELS
from router.settings import ROOT

FOLDER = ROOT / "data" / "forms"
TEMPLATES = ROOT / "data" / "templates"
TITLES: Final = {
    "application": "法律援助申请表",
    "means": "经济困难状况说明表",
    "promise": "个人诚信承诺书",
    "mandate": "授权委托书",
    "letter": "决定书或通知书",
}
CHANNELS: Final = {"web": "网上勾选确认", "assisted": "由工作人员代填，本人口头确认"}
PLACES: Final = {"phone": "电话中", "bedside": "上门或病床边", "window": "接待窗口"}
EPOCH = datetime(2022, 1, 1, tzinfo=UTC)  # of a paper that nobody has submitted yet


def names(application: Application) -> list[str]:
    """Which papers there are now."""
    if application.lane != lanes.APPLIED:  # nobody has applied
        return ["letter"] if application.decision else []
    found = ["application"]
    if blocks.asks_means(application.form):
        found.append("means")
    if application.form.get("who") == "agent":
        found.append("mandate")
    if application.promise:
        found.append("promise")
    return [*found, "letter"] if application.decision else found


async def pdf(
    name: str, application: Application, articles: Mapping[str, Any], office: str
) -> bytes:
    """Off the event loop. Raises KeyError for a paper that there is not."""
    if name not in names(application):
        raise KeyError(name)
    given = data(application, articles, office)
    return await asyncio.to_thread(rendered, name, given, application.submitted_at)


async def docx(
    name: str, application: Application, articles: Mapping[str, Any], office: str
) -> bytes:
    """The same paper, to be edited in Word. Raises KeyError, jinja2.TemplateError."""
    if name not in names(application):
        raise KeyError(name)
    given = data(application, articles, office)
    return await asyncio.to_thread(templates.filled, TEMPLATES / f"{name}.docx", given)


async def letter(
    application: Application, told: Mapping[str, Any], articles: Mapping[str, Any], office: str
) -> bytes:
    """The PDF of a letter as it was sent, whatever was decided since."""
    given = data(application, articles, office)
    given["letter"] = letters.of(application, articles, told)
    return await asyncio.to_thread(rendered, "letter", given, application.submitted_at)


def rendered(name: str, given: Mapping[str, Any], at: datetime | None) -> bytes:
    text = json.dumps(given, ensure_ascii=False, sort_keys=True)
    return _render(name, text, (at or EPOCH).replace(microsecond=0))  # typst takes whole seconds


def _render(name: str, data: str, at: datetime) -> bytes:
    made = typst.compile(
        FOLDER / f"{name}.typ",
        root=FOLDER,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        format="pdf",
        timestamp=at,
    )
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    """Read once: 12 MB."""
    folder = pylopdf_fonts_zh_cn.serif_path().parent
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def data(application: Application, articles: Mapping[str, Any], office: str) -> dict[str, Any]:
    form, promised = application.form, application.promise
    shown = dict(blocks.shown(form))
    person = [row for row in shown["需要援助的人"] if row[0] in ("姓名", "证件种类", "证件号码")]
    agent = shown.get("代为申请的人", [])
    return {
        "reference": application.reference,
        "institution": office,
        "day": _day(application.submitted_at) if application.submitted_at else "    年  月  日",
        "blocks": [[title, rows] for title, rows in shown.items()],
        "person": person + agent,
        "principal": person,
        "agent": _agent(form),
        "matter": LABELS.get(application.matter or "", "法律援助"),
        "means": shown.get("经济困难状况", []),
        "helped": _helped(application.helped),
        "promise": promised.get("text") or promise.current().text,
        "promise_version": promised.get("version") or promise.current().version,
        "promised_at": moment_words(promised.get("at")),
        "promised_by": CHANNELS.get(promised.get("channel") or "", ""),
        "letter": letters.of(application, articles) if application.decision else None,
    }


def _agent(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    kin = blocks.KIN.get(str(form.get("kinship") or ""), "")
    rows = (("姓名", "agent_name"), ("身份证件号码", "agent_id"), ("电话", "agent_phone"))
    told = [(label, str(form.get(name) or "")) for label, name in rows]
    return [*told, ("与委托人的关系", kin)]


def _helped(helped: Mapping[str, Any]) -> str:
    if not helped:
        return ""
    where = PLACES.get(str(helped["where"]), "")
    return f"{where}，{moment_words(helped['at'])}，同意代填的人：{helped['consent']}"


def moment_words(iso: str | None) -> str:
    if not iso:
        return ""
    at = datetime.fromisoformat(iso).astimezone(CHINA)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _day(moment: datetime) -> str:
    at = moment.astimezone(CHINA)
    return f"{at.year}年{at.month}月{at.day}日"
