"""What people are told when a letter cannot be sent or opened."""

from router.errors import RouterError


class NoLetter(RouterError):
    """还没有决定书或通知书可以送。"""

    status = 409


class AlreadySent(RouterError):
    """这份文书已经用这种办法在送，还没有结果。先看下面的记录。"""

    status = 409


class NotOwed(RouterError):
    """请把送达要填的写完整：快递要收件人、电话和地址，领取要写明是谁领的。"""

    status = 422


class OnTheWay(RouterError):
    """这次送达刚刚有了变化，请刷新后再看。"""

    status = 409


class LinkSpent(RouterError):
    """这个链接已经打开过，或者过期了。文书在“申请进度”里随时可以看。"""

    status = 410
