"""The report as a workbook: the page's figures, numbers as numbers."""

from collections.abc import Iterable, Iterator

from router.lawyers.sheets import Cell, to_xlsx
from router.report.figures import Report, Row

HEADINGS = ("项目", "数", "单位", "说明")


def xlsx(report: Report, region: str) -> bytes:
    """`region`: its name for people."""
    about = [("期间", report.span.label), ("地区", region)]
    sheets = [(section.title, HEADINGS, list(_rows(section.rows))) for section in report.sections]
    return to_xlsx([("报表", ("项目", "内容"), about), *sheets])


def _rows(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        label = f"其中：{row.label}" if row.inner else row.label
        yield label, "" if row.number is None else row.number, row.unit, row.note
