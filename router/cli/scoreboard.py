"""The figures of `./jieyuan score` as a person reads them."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

SPANS = {
    "money": "金额",
    "time": "时间",
    "region": "地区",
    "groups": "人群",
    "ask": "想要什么",
}
DANGER = {"violence_or_threat": "暴力或威胁", "suicide": "轻生", "crime_in_progress": "正在作案"}
WHAT = {"danger_missed": "漏了危险", "false_alarm": "虚惊", "matter": "事项"}


def drawn(score: Json) -> str:
    return "\n".join(_lines(score))


def _lines(score: Json) -> Iterator[str]:
    model = score["model"]
    yield f"模型 {model['file']}({model['bytes'] / 1e6:.1f} MB)"
    yield f"训练数据的指纹 {model['data'] or '不知道:不是用现在的训练数据训练的'}"
    yield (
        f"{score['messages']} 句话,每句 {score['ms_p50']:.1f} 毫秒(中位数)、"
        f"{score['ms_p99']:.1f} 毫秒(99% 的话不超过)"
    )
    yield from (f"没有计分:{name}(名字里有 train,是训练用的)" for name in score["left_out"])
    if score["matter"]:
        yield from _matter(score["matter"])
    if score["intake"]:
        yield from _intake(score["intake"])
    if "dialogues" in score:
        yield from _dialogues(score["dialogues"])
    if score["rows"]:
        yield "\n代价最大的行"
        yield from map(_row, score["rows"])


def _matter(got: Json) -> Iterator[str]:
    talk = got["talk"]
    yield f"\n事项,{got['rows']} 句,{got['labels_with_rows']} 类有句子"
    yield f"  严格 {_per(got['strict'])}   宽松(说得通的别的类也算)  {_per(got['lenient'])}"
    yield f"  前两个里有:严格 {_per(got['top2_strict'])}   宽松 {_per(got['top2_lenient'])}"
    yield f"  各类平均 F1 {got['macro_f1']:.3f}"
    yield f"  大类 严格 {_per(got['coarse_strict'])}   宽松 {_per(got['coarse_lenient'])}"
    yield (
        f"  校准误差(说的概率与对的比例差多少,10 格) {got['calibration_error']:.3f}   "
        f"按宽松算 {got['calibration_error_lenient']:.3f}   平均概率 {_per(got['chance'])}"
    )
    yield f"  对话直接照办 {_per(talk['acts'])},其中对的(宽松) {_per(talk['acts_right'])}"
    asked, right = _per(talk["asks_between"]), _per(talk["offered_right"])
    yield f"  对话先问是哪一种 {asked},给出的选项里有对的 {right}"
    yield f"  对话请人多说几句 {_per(talk['asks_for_more'])}"
    yield "\n代价最大的混淆(原来 → 当成,句数,代价)"
    for pair in got["confusions"]:
        yield f"  {pair['label']:>22} → {pair['taken_for']:22}{pair['rows']:4}{pair['cost']:8.2f}"
    yield "\n每一类(准确率、召回率、F1、句数)"
    for one in got["by_label"]:
        yield (
            f"  {one['label']:>22}{one['precision']:8.2f}{one['recall']:8.2f}{one['f1']:8.2f}"
            f"{one['rows']:6.0f}"
        )


def _intake(got: Json) -> Iterator[str]:
    danger = got["danger"]
    yield f"\n接待要点,{got['rows']} 句"
    yield f"  事项 严格 {_per(got['strict'])}   宽松 {_per(got['lenient'])}"
    recall = "没有这样的句子" if danger["recall"] is None else _per(danger["recall"])
    yield f"  危险 找到 {recall}({danger['rows']} 句)   虚惊 {_per(danger['false_alarms'])}"
    for kind, found in danger["kinds"].items():
        if found["rows"]:
            yield f"    {DANGER[kind]} {found['found']}/{found['rows']}"
    for name, title in SPANS.items():
        one = got[name]
        yield (
            f"  {title:　<5}F1 {one['f1']:.3f}   准确率 {one['precision']:.3f}   "
            f"召回率 {one['recall']:.3f}   {one['spans']} 处"
        )
    yield f"  {'谁的事':　<5}对的 {_per(got['party'])}"


def _dialogues(got: Json) -> Iterator[str]:
    yield (
        f"\n对话 {got['played']} 段:结果对 {got['right']},编出来的事实 {got['invented']} 处,"
        f"到预审结论为止问了 {got['questions']:g} 个问题(中位数)"
    )
    for one in got["dialogues"]:
        extra = f",编了 {'、'.join(one['invented'])}" if one["invented"] else ""
        mark = "对" if one["right"] else "错"
        yield f"  {mark} {one['id']} {one['outcome']},问了 {one['questions']} 个{extra}"


def _row(one: Json) -> str:
    right, said = (
        "/".join(value) if isinstance(value, list) else value
        for value in (one["right"], one["said"])
    )
    line = f"  {one['id']} {WHAT[one['what']]}:{right or '无'} → {said or '无'}({one['cost']:.2f})"
    return f"{line}\n      {one['text']}" if "text" in one else line


def _per(share: float) -> str:
    return f"{share * 100:.1f}%"
