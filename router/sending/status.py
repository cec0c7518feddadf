"""A sending's states: which still run, which a person has to look at, and their words."""

from typing import Final

WAYS: Final = {"link": "发消息，带一次性链接", "courier": "快递", "pickup": "到机构领取"}
LABELS: Final = {
    "sent": "已发出，还没有打开",
    "opened": "已打开",
    "expired": "链接过期，没有打开",
    "ready": "等着来领",
    "signed": "已领取",
    "asked": "正在叫快递",
    "calling": "正在叫快递",
    "perhaps": "可能已经寄出",
    "refused": "快递公司没有接",
    "posted": "已寄出",
    "moving": "在路上",
    "delivered": "已签收",
    "returned": "被退回",
    "void": "没有寄出，已作废",
}
RUNS: Final = frozenset({"sent", "ready", "asked", "calling", "perhaps", "posted", "moving"})
ON_ROAD: Final = ("posted", "moving")
LOOK: Final = frozenset({"perhaps", "refused", "returned"})  # and whatever has lost_at
GOOD: Final = frozenset({"opened", "signed", "delivered"})
NEWS: Final = {  # of the carrier -> our state
    "collected": "moving", "moving": "moving", "delivered": "delivered", "returned": "returned",
}  # fmt: skip
