"""The rules in force, for everybody: scope, negative list, hardship standard. Public by rule."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from router.clock import china_date
from router.errors import NotFound
from router.parts import Parts, parts
from router.web import render
from router.web.lawview import law_of

pages = APIRouter()
P = Annotated[Parts, Depends(parts)]
# What concerns the institutions' own work is left to /board/law.
SHOWN = (
    "全国清单",
    "刑事案件",
    "本地的事项范围",
    "负面清单",
    "本地增加的事项",
    "本地没有写明、由机构决定的事项",
    "不看经济条件",
    "经济困难标准",
    "免予核查经济困难",
    "本地不予援助的情形",
)


@pages.get("/law/{code}")
async def rules(request: Request, p: P, code: str) -> Response:
    if code not in p.law.regions:
        raise NotFound(region=code)
    law = law_of(p.law, code, china_date(p.clock.now()))
    sections = [section for section in law.sections if section.title in SHOWN]
    return render.page(request, "citizen/rules.html", law=law, sections=sections)
