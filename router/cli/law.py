"""`./jieyuan law check [DIR]`: is the law's data right? `law show REGION`: the law in force."""

import argparse
import sys
from pathlib import Path

from router.eligibility.law import LAW_FOLDER
from router.eligibility.lawcheck import check_law


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan law", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    checking = actions.add_parser("check", help="检查法律数据的全部文件")
    which = "法律数据文件夹(默认 data/law)；也可以只放改动的地区文件"
    checking.add_argument("folder", nargs="?", type=Path, default=LAW_FOLDER, help=which)
    options = parser.parse_args(argv)
    return check(options.folder)


def check(folder: Path) -> int:
    """Prints every remark; 1 if anything has to be put right."""
    if not folder.is_dir():
        print(f"{folder}：没有这个文件夹。", file=sys.stderr)
        return 2
    common = {path.name for path in LAW_FOLDER.glob("*.yml")}
    whole = any((folder / name).exists() for name in common)
    remarks = check_law(folder) if whole else check_law(LAW_FOLDER, folder)
    for remark in remarks:
        print(remark)
    faults = sum(remark.fault for remark in remarks)
    print(f"{faults} 处错误，{len(remarks) - faults} 条提示。")
    return 1 if faults else 0
