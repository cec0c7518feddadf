"""Why a carrier's or a partner's request is refused."""

from router.errors import RouterError


class NoHotline(RouterError):
    """这里没有开通热线电话。"""

    status = 404


class BadSignature(RouterError):
    """签名不对，请求没有处理。"""

    status = 403


class Replayed(RouterError):
    """这个请求以前处理过，不再处理。"""

    status = 409


class NotOnThePhone(RouterError):
    """您现在没有和这位当事人通电话。"""

    status = 409


class OutOfReach(RouterError):
    """这条线路打不了这个号码。需要 110 时，请让当事人马上用自己的电话拨打 110。"""

    status = 409
