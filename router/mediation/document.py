"""调解协议书: the office's own DOCX template, filled from the case; the PDF is the same paper.

The template is data/templates/mediation_agreement.docx; what stands in {{ }} is filled, see
filled(). The PDF shows its paragraphs and tables, headings larger, in one face.
"""

import io
import json
from pathlib import Path

import typst
from docxtpl import DocxTemplate
from pylopdf_fonts_zh_cn import serif_path

from router import docx as office
from router.mediation.models import Committee, Mediation
from router.mediation.words import day
from router.settings import ROOT

TEMPLATE = ROOT / "data" / "templates" / "mediation_agreement.docx"
LAYOUT = Path(__file__).with_name("paper.typ")
FIELDS = {
    "applicant": "申请人（姓名、住址、联系方式）",
    "respondent": "对方（姓名、住址、联系方式）",
    "dispute": "纠纷的主要事实和争议",
    "terms": "协议内容",
    "performance": "履行方式和期限",
}
MOST_CHARS = 4000  # of a field
_BLANK = "＿＿＿＿＿＿"


def filled(row: Mediation, committee: Committee, receipt: str, mediator: str) -> dict[str, str]:
    """What the template may ask for; a blank line where nothing is known yet."""
    paper = {name: str(row.paper.get(name) or _BLANK) for name in FIELDS}
    return {
        **paper,
        "receipt": receipt,
        "committee": committee.name,
        "committee_address": committee.address,
        "committee_phone": committee.phone,
        "mediator": mediator,
        "effective": day(row.effective_on) if row.effective_on else _BLANK,
        "confirm_by": day(row.confirm_by) if row.confirm_by else _BLANK,
    }


def docx(context: dict[str, str], template: Path = TEMPLATE) -> bytes:
    """Raises jinja2.TemplateError where the office's template asks for what there is not."""
    return office.filled(template, context)


def pdf(made: bytes) -> bytes:
    """The same paper as a PDF with its letters embedded."""
    paper = DocxTemplate(io.BytesIO(made)).get_docx()
    blocks: list[dict[str, object]] = []
    for block in paper.iter_inner_content():
        if hasattr(block, "rows"):
            rows = [[cell.text for cell in row.cells] for row in block.rows]
            blocks.append({"rows": rows})
        else:
            style = (block.style.name or "").lower()
            centred = block.alignment is not None and int(block.alignment) == 1
            large = style.startswith(("title", "heading"))
            blocks.append({"text": block.text, "large": large, "centred": centred or large})
    return typst.compile(
        LAYOUT,
        font_paths=[serif_path().parent],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(blocks, ensure_ascii=False)},
    )
