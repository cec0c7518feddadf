"""What an applicant or the staff is told when an application cannot be moved."""

from router.errors import RouterError


class ApplicationMovedOn(RouterError):
    """这份申请刚刚有了变化，请刷新后再看。"""

    status = 409


class NotComplete(RouterError):
    """申请表还没有填完，请把标出来的几处填好再提交。"""

    status = 422


class PromiseNeeded(RouterError):
    """请先读一遍诚信承诺并打勾，再提交。"""

    status = 422


class WrongCode(RouterError):
    """编号或查询码不对。查询码用过一次就换新的；忘了的话，回到原来的对话里打开，或者打 12348。"""

    status = 403


class NoAccess(RouterError):
    """要先用申请编号和查询码打开，或者回到您原来的对话里打开。"""

    status = 401


class BadPaper(RouterError):
    """这个文件不能收：只收 10 MB 以内的照片（JPEG、PNG、GIF）和 PDF。请重新拍照或换一个文件。"""

    status = 422


class TooManyPapers(RouterError):
    """材料太多了，最多 40 份。请先删掉不用的，或者当面交给法律援助机构。"""

    status = 422


class BadCaseDay(RouterError):
    """日期不对：不能早于决定给予援助的那天，也不能晚于今天。"""

    status = 422


class OwnFile(RouterError):
    """不能评查自己承办的案件，请交给别人评。"""

    status = 403


class BadDecision(RouterError):
    """请把决定写完整：理由和条文都要有，给当事人的期限要写明。"""

    status = 422
