"""The office's own DOCX templates, filled: the same words give the same bytes at any time."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOMENT = (2022, 1, 1, 0, 0, 0)  # of each part in the file; Word shows none of them


def filled(template: Path, context: Mapping[str, Any]) -> bytes:
    """Raises jinja2.TemplateError where the office's template asks for what there is not."""
    paper = DocxTemplate(template)
    paper.render(dict(context), autoescape=True)
    out = io.BytesIO()
    paper.save(out)
    return _still(out)


def _still(made: io.BytesIO) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(made) as had, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as now:
        for name in sorted(had.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            now.writestr(zipfile.ZipInfo(name, MOMENT), had.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
