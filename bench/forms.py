"""How long each paper of an application takes as PDF and DOCX, and whether it is the same bytes.

`./jieyuan bench forms [--times N]`: median and slowest in milliseconds; exit 1 over 300 ms.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime

from router import docx
from router.applications import forms

MOST_MS = 300
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PERSON = [["姓名", "张三"], ["证件种类", "居民身份证"], ["证件号码", "110101199003070011"]]
GIVEN = {
    "reference": "SQ-7KQ2-9XMD",
    "institution": "清河县法律援助中心",
    "day": "2026年3月2日",
    "blocks": [
        ["需要援助的人", PERSON],
        ["事情和请求", [["事情经过", "老板欠我四个月工资，一共五万九。" * 100]]],
    ],
    "person": PERSON,
    "principal": PERSON,
    "agent": [["姓名", "张小三"], ["电话", "13800000000"], ["与委托人的关系", "子女"]],
    "matter": "劳动报酬",
    "means": [["家里共同生活几口人", "3"], ["全家一个月的收入（元）", "2400"]],
    "helped": "",
    "promise": ["我填写的情况和交的材料都是真实的，没有隐瞒。"] * 4,
    "promise_version": "2026-1",
    "promised_at": "2026年3月2日 09:00",
    "promised_by": "网上勾选确认",
    "letter": {
        "title": "不予法律援助决定书",
        "to": "张三",
        "lines": ["经审查，决定不予法律援助。"] * 4,
        "articles": ["第三十四条：经济困难的标准……"],
        "day": "2026年3月9日",
    },
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    times, over = parser.parse_args().times, False
    for name in forms.TITLES:
        for kind in ("pdf", "docx"):
            spent, made = [], set()
            for _ in range(times + 1):
                began = time.perf_counter()
                made.add(made_as(kind, name))
                spent.append((time.perf_counter() - began) * 1000)
            first, rest = spent[0], spent[1:]
            over |= max(rest) > MOST_MS
            same = "same bytes" if len(made) == 1 else "BYTES DIFFER"
            told = f"median {statistics.median(rest):6.1f} ms  slowest {max(rest):6.1f} ms"
            print(f"{name:<12}{kind:<5} first {first:6.1f} ms  {told}  {same}")
            over |= len(made) > 1
    return int(over)


def made_as(kind: str, name: str) -> bytes:
    if kind == "pdf":
        return forms.rendered(name, GIVEN, AT)
    return docx.filled(forms.TEMPLATES / f"{name}.docx", GIVEN)


if __name__ == "__main__":
    raise SystemExit(main())
