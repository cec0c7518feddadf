"""What a mediator is told when a step cannot be taken."""

from router.errors import RouterError


class MediationMovedOn(RouterError):
    """这件调解刚刚有变更，请刷新后再看。"""

    status = 409


class NotBothAgreed(RouterError):
    """双方都同意才能开始调解，请先记下双方的意见。"""

    status = 409


class ConfirmedLate(RouterError):
    """司法确认要在协议生效之日起30日内由双方共同申请，这一天已经超过了。"""

    status = 422


class BadDay(RouterError):
    """日期不对：不能晚于今天，也不能早于登记的那天。"""

    status = 422


class WordsNeeded(RouterError):
    """请写明原因或内容。"""

    status = 422


class BadHours(ValueError):
    """Of a table's cell: the sentence says what is wrong."""
