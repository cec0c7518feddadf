"""邀请函 and 办理单 as PDF: the one-time link on paper, for who reads no message. typst renders
data/forms/invitation.typ with a font out of a package."""

import json
from datetime import date

import typst
from pylopdf_fonts_zh_cn import serif_path

from router.clock import china_date
from router.mediation import doors
from router.mediation.models import Committee, MediationDoor
from router.mediation.words import day
from router.settings import ROOT

LAYOUT = ROOT / "data" / "forms" / "invitation.typ"


def pdf(door: MediationDoor, committee: Committee, receipt: str, base: str, today: date) -> bytes:
    """Off the event loop. Nothing of the citizen stands in it but what the mediator wrote."""
    data = {
        "invites": door.side == doors.RESPONDENT,
        "committee": committee.name,
        "address": committee.address,
        "phone": committee.phone,
        "about": str(door.told.get("about") or ""),
        "receipt": receipt,
        "link": f"{base}/m/{door.told['code']}",
        "site": f"{base}/m",
        "code": door.told["code"],
        "until": day(china_date(door.expires_at)),
        "day": day(today),
    }
    made = typst.compile(
        LAYOUT,
        font_paths=[serif_path().parent],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made
