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
