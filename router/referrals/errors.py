"""What a partner's computer is told when it cannot be served: a code, and a sentence for people."""

from router.errors import RouterError, TooFast


class WrongKey(RouterError):
    """密钥不对、已过期或已停用，请向本中心的管理员索取新的密钥。"""

    status = 401

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class KeyNotForThis(RouterError):
    """这把密钥没有做这件事的权限，请向本中心的管理员申请。"""

    status = 403


class NoSuchReceipt(RouterError):
    """没有这个回执号，或不是您单位的转办，请核对后再试。"""

    status = 404


class TooManyCalls(TooFast):
    """请求太频繁，请按 Retry-After 的秒数等待后再发，用同一个编号，不会重复登记。"""


class ReferralMovedOn(RouterError):
    """这件转办已经有了别的处理结果，请先查询最新状态。"""

    status = 409


class BadReferral(RouterError):
    """内容有误，没有收下，请更正后用同一个编号再发。"""

    status = 422

    def __init__(self, wrong: str, **ids: object) -> None:
        super().__init__(**ids)
        self._wrong = wrong  # field names and rules, never what was sent

    @property
    def sentence(self) -> str:
        return f"{super().sentence}有误的地方：{self._wrong}"
