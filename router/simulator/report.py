"""The play in words, and as a table with a line for each call."""

import csv
import io
import math
from collections.abc import Iterator
from datetime import datetime

from router.clock import CHINA
from router.simulator.measure import Measured, Story, jain, percentile
from router.tickets.status import OUTCOMES

COLUMNS = ("序号", "来的时间", "急缓", "事项", "等待秒数", "派单次数", "律师", "结案时间", "结果")


def words(m: Measured) -> str:
    return "\n".join(_lines(m)) + "\n"


def _lines(m: Measured) -> Iterator[str]:
    played, scenario = m.played, m.played.scenario
    yield f"{scenario.title}(种子 {played.seed})"
    yield f"{_moment(scenario.start)} 起 {scenario.hours:g} 小时,来 {len(m.stories)} 件"
    yield from _waiting(m)
    moves = m.moves
    yield (
        f"派单  {moves['offered']} 次:接 {moves['accepted']},拒 {moves['declined']},"
        f"没看见 {moves['expired']},离岗收回 {moves['withdrawn']};接后退回 {moves['returned']}"
    )
    yield f"结果  {_outcomes(m)}"
    yield from _grown(m)
    yield f"排班  {played.rostered} 班,{played.missing} 班没有人来"
    yield from _fairness(m)
    yield f"核对  全部规则 {played.looks} 次、先后次序 {moves['offered']} 次:{_verdict(m)}"


def _waiting(m: Measured) -> Iterator[str]:
    if not m.stories:
        return
    if waits := m.waits:
        half, nine, almost = (percentile(waits, share) for share in (0.5, 0.9, 0.99))
        yield (
            f"等待  一半 {_span(half)}内有人接,九成 {_span(nine)},"
            f"百分之九十九 {_span(almost)},最长 {_span(waits[-1])}"
        )
    never = len(m.stories) - len(waits)
    yield (
        f"      6 秒内有人接 {m.share_within(6):.1%},60 秒内 {m.share_within(60):.1%},"
        f"到最后没人接 {never} 件"
    )
    if late := m.after_nobody():
        soon = sum(wait <= 60 for wait in late) / len(late)
        yield f"      无人值班时来 {len(late)} 件:有人签到后 60 秒内有人接 {soon:.1%}"


def _fairness(m: Measured) -> Iterator[str]:
    duties = [duty for duty in m.duties if duty.hours > 0]
    if not duties:
        return
    a_head = [duty.accepted for duty in duties]
    an_hour = [duty.accepted / duty.hours for duty in duties]
    yield (
        f"公平  {len(duties)} 名律师到岗,每人接 {min(a_head)} 到 {max(a_head)} 件;"
        f"每小时 {min(an_hour):.2f} 到 {max(an_hour):.2f} 件,"
        f"均匀度 {jain(an_hour):.3f}(1 为完全一样)"
    )


def _outcomes(m: Measured) -> str:
    counts = [f"{OUTCOMES[name]} {count}" for name, count in m.outcomes.most_common()]
    still = len(m.stories) - m.outcomes.total()
    return ",".join([*counts, f"未结 {still}"])


def _grown(m: Measured) -> Iterator[str]:
    """As the yearly report's queries count it."""
    if m.played.grown is None:
        return
    n = m.played.grown.figures
    yield (
        f"去处  来 {n['came']} 件:进入法律援助申请 {n['aid']},进入人民调解 {n['mediation']},"
        f"指引到别的去处 {n['guided']}"
    )
    yield f"      申请 提交 {n['received']} 件,决定给予 {n['accepted']},不予 {n['refused']}"
    failed = n["ended"] - n["reached"]
    yield f"      调解 有结果 {n['ended']} 件,达成协议 {n['reached']},没有达成 {failed}"


def _verdict(m: Measured) -> str:
    broken = m.played.broken
    if not broken:
        return "没有一处违反"
    shown = "\n".join(f"      {_moment(b.at)} {b.what}:{b.which}" for b in broken[:20])
    return f"违反 {len(broken)} 处\n{shown}"


def table(m: Measured) -> str:
    """CSV for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, story in enumerate(m.stories, 1):
        writer.writerow([number, *_row(story)])
    return out.getvalue()


def _row(story: Story) -> list[object]:
    call = story.call
    return [
        _moment(call.at, "seconds"),
        int(call.urgency),
        call.matter or "",
        "" if story.wait is None else f"{story.wait:.1f}",
        story.offers,
        "" if story.lawyer is None else story.lawyer + 1,
        _moment(story.closed_at, "seconds") if story.closed_at else "",
        OUTCOMES[call.outcome] if story.closed_at else "",
    ]


def _moment(moment: datetime, to: str = "minutes") -> str:
    return moment.astimezone(CHINA).replace(tzinfo=None).isoformat(" ", to)


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} 秒"
    if seconds < 7200:
        return f"{seconds / 60:.0f} 分钟"
    return f"{math.floor(seconds / 360) / 10:g} 小时"
