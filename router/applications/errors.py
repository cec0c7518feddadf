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


class TooFewYears(RouterError):
    """可能判处无期徒刑、死刑和死刑复核的案件，要指派有三年以上刑事辩护经历的律师（法律援助法第26条）；排班表里没有写够。"""

    status = 409


class SamePerson(RouterError):
    """作出原决定的人不能再审查对它的异议，请由另一位主管处理。"""

    status = 409


class OwnDraft(RouterError):
    """本机构实行双人复核：起草的人不能自己确认，请由另一位主管确认。"""

    status = 409


class DraftWaits(RouterError):
    """已经有一份起草的决定在等另一位主管确认，请先确认、退回或者收回，再作别的决定。"""

    status = 409


class NotAsked(RouterError):
    """这次征询已经结束：您已经答复，或者案件已经指派给别人。"""

    status = 409


class NobodyFits(RouterError):
    """名单里没有合适的律师了：请换一家律所，或者商请上级机构帮助指派。"""

    status = 409


class NotUrgent(RouterError):
    """离期限届满还有七日或者更久，不属于“不足七日”，请按一般程序审查（法律援助法第44条）。"""

    status = 422


class BadNotice(RouterError):
    """请把通知填写完整：机关、文号、情形、诉讼阶段、罪名、承办人和电话都要有，情形要和通知种类相符。"""

    status = 422
