"""`law check [DIR]`:检查法律数据的全部文件。`law show REGION --on DATE`:显示某地某天的规定。"""

import argparse
import sys
from pathlib import Path

from router.clock import SystemClock, china_date
from router.eligibility import LawError, load_law
from router.eligibility.law import LAW_FOLDER
from router.eligibility.lawcheck import check_law
from router.web.lawview import Item, LawOfDay, day_of, law_of


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan law", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    checking = actions.add_parser("check", help="检查法律数据的全部文件")
    which = "法律数据文件夹(默认 data/law);也可以只放改动的地区文件"
    checking.add_argument("folder", nargs="?", type=Path, default=LAW_FOLDER, help=which)
    showing = actions.add_parser("show", help="显示一个地区某一天的规定")
    showing.add_argument("region", help="地区代码,例如 990101")
    showing.add_argument("--on", metavar="日期", help="例如 2026-09-10(默认今天)")
    showing.add_argument("--law", type=Path, metavar="目录", help="有改动的法律数据(默认没有)")
    options = parser.parse_args(argv)
    if options.action == "check":
        return check(options.folder)
    return show(options.region, options.on, options.law)


def check(folder: Path) -> int:
    """Prints every remark; 1 if anything has to be put right."""
    if not folder.is_dir():
        return _unusable(f"{folder}：没有这个文件夹。")
    common = {path.name for path in LAW_FOLDER.glob("*.yml")}
    whole = any((folder / name).exists() for name in common)
    remarks = check_law(folder) if whole else check_law(LAW_FOLDER, folder)
    for remark in remarks:
        print(remark)
    faults = sum(remark.fault for remark in remarks)
    print(f"{faults} 处错误，{len(remarks) - faults} 条提示。")
    return 1 if faults else 0


def show(code: str, on: str | None, changed: Path | None = None) -> int:
    """Prints the law in force; 2 for a place or a day that does not exist."""
    try:
        day = day_of(on) if on else china_date(SystemClock().now())
        law = load_law(extra=changed)
    except LawError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except ValueError as trouble:
        return _unusable(str(trouble))
    if code not in law.regions:
        known = "、".join(f"{region.code}({region.name})" for region in law.regions.values())
        return _unusable(f"没有“{code}”这个地区的规定；已有：{known}。")
    _print(law_of(law, code, day))
    return 0


def _print(shown: LawOfDay) -> None:
    region = shown.region
    print(f"{region.name}({region.code})法律援助规定，{shown.day}\n{region.note}")
    for section in shown.sections:
        print(f"\n【{section.title}】{section.note}")
        for item in section.items:
            _print_item(item)
        if not section.items and section.empty:
            print(f"  {section.empty}")
    print("\n【什么时候是什么】")
    for row in shown.timeline.rows:
        print(f"  {'●' if row.now else '○'} {row.dates}  {row.kind}：{row.words}")
    print("\n【引用的条文】")
    for article in shown.articles:
        mark = f"〔{article['mark']}〕" if article["mark"] else ""
        print(f"  {article['cite']}  {article['title']}{mark}\n      {article['text']}")
    print("\n这是预审用的规则；是否援助由法律援助机构决定。")


def _print_item(item: Item) -> None:
    cites = "、".join(article["cite"] for article in item.articles)
    head = f"{item.id}  " if item.id else ""
    dates = f"({item.dates})" if item.dates else ""
    print(f"  · {head}{item.words}{dates}" + (f" [{cites}]" if cites else ""))
    if item.when:
        print(f"      {'；'.join(item.when)}")


def _unusable(sentence: str) -> int:
    print(f"错误:{sentence}", file=sys.stderr)
    return 2
