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


class DoorShut(RouterError):
    """这个链接已经用过、过期或者收回了。请给调解委员会打电话，会给您一个新的；也可以拨打 12348。"""

    status = 410


class NotToBeMediated(RouterError):
    """这件事涉及暴力或者有人正处在危险中，不能邀请对方来调解。请停止调解，遇到危险拨打 110。"""

    status = 409


class TellsTooMuch(RouterError):
    """给对方看的话里不要写住址、电话和证件号，请改一下再发。"""

    status = 422


class NoMobile(RouterError):
    """短信只能发到手机，请填 11 位手机号；没有手机的，打印邀请函。"""

    status = 422


class BadMeeting(RouterError):
    """时间不对：要晚于现在，最远到三个月以后，还要写明地点。"""

    status = 422


class OnHoliday(RouterError):
    """这一天是周末或者节假日。双方都说好了，请勾选“双方同意在休息日”。"""

    status = 422


class NoGuest(RouterError):
    """对方还没有收到邀请，没法请对方选时间。可以先发邀请，或者电话说好以后直接定时间。"""

    status = 409
