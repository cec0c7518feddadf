"""The family of errors. The docstring is the sentence for people; the keywords are for the log."""


class RouterError(Exception):
    """系统繁忙，请稍后再试，或直接拨打 12348。"""

    status = 500

    def __init__(self, **ids: object) -> None:
        super().__init__(ids)
        self.ids = ids

    @property
    def sentence(self) -> str:
        return (type(self).__doc__ or "").strip()

    @property
    def code(self) -> str:
        return type(self).__name__

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's headers say beyond its status."""
        return {}


class NotFound(RouterError):
    """没有找到您要的内容，请返回上一页。"""

    status = 404


class NotSignedIn(RouterError):
    """登录已过期，请重新登录。"""

    status = 401


class WrongPassword(RouterError):
    """用户名或密码不对，请检查后再试。"""

    status = 401


class Forbidden(RouterError):
    """您没有查看这一页的权限。"""

    status = 403


class SessionExpired(RouterError):
    """这次对话的凭证已失效，请刷新页面重新开始；急事请拨打 12348。"""

    status = 401


class TooFast(RouterError):
    """您发得太快了，请稍等几秒再发，前面的话我们都收到了。有危险请马上拨打 110。"""

    status = 429

    def __init__(self, wait: int = 1, **ids: object) -> None:
        super().__init__(wait=wait, **ids)
        self.wait = wait  # whole seconds until one more is taken

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait)}


class TooLarge(RouterError):
    """内容太长了，请分几次发送。"""

    status = 413


class EmptyMessage(RouterError):
    """没有看到文字，请把您遇到的事用几个字写下来。"""

    status = 422


class BadRequest(RouterError):
    """请求的内容不对，请检查后再试。"""

    status = 422


class WrongMethod(RouterError):
    """这里不接受这种请求，请返回上一页。"""

    status = 405


class FloorTaken(RouterError):
    """现在是另一方在和当事人说话，这句话没有发出。"""

    status = 409


class EndedByCitizen(RouterError):
    """当事人已经结束了这次对话，再说的话对方看不到。请记好办案笔记，然后办结工单。"""

    status = 409


class ImpossibleMove(RouterError):
    """这个工单现在不能做这个操作。"""

    status = 409


class TicketMovedOn(RouterError):
    """该工单刚刚有变更，请刷新后查看。"""

    status = 409


class OfferGone(RouterError):
    """这个派单已经超时或已被别的律师接走。"""

    status = 409


class ShiftMovedOn(RouterError):
    """这个班次刚刚有变更或者已经结束，请刷新排班表再看。"""

    status = 409


class ShiftsOverlap(RouterError):
    """对方这段时间已经有班，不能同时值两个班。"""

    status = 409


class NoRoom(RouterError):
    """这位律师不在岗，或者手上的事已经满了，请另选一位。"""

    status = 409


class ConflictOfInterest(RouterError):
    """这位律师说过有利害关系，或者本人、律所代理对方当事人，不能承办，请另选一位。"""

    status = 409


class HeldElsewhere(RouterError):
    """当事人的另一件事正由别的律师办理，同一位当事人由一位律师接待，请交给那位律师。"""

    status = 409


class BotUnavailable(RouterError):
    """智能助手暂时没有回应，您的话已经记下。"""

    status = 503


class ConsentNeeded(RouterError):
    """请先同意我们保存您说的内容，才能开始咨询；也可以直接拨打 12348。"""

    status = 422


class ConversationClosed(RouterError):
    """这次对话已经结束。还有事请重新开始一次对话；急事请拨打 12348，有危险请马上拨打 110。"""

    status = 409
