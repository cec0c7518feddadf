"""`./jieyuan hotline`: what an operator does for the telephone.

`fallback` prints the document for the carrier's fallback URL. Put it where it answers while this
machine does not (a TwiML bin), and write `#rc=1&rp=all&tt=3000` behind the voice URL.
"""

import argparse

from router.channels.hotline.twilio import fallback
from router.channels.hotline.voice import dialable
from router.cli.environment import fail
from router.settings import Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan hotline", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    static = actions.add_parser("fallback", help="停机时来电转到值班手机的静态应答")
    static.add_argument("mobile", help="值班手机，如 +8613800000000")
    options = parser.parse_args(argv)
    settings = Settings()
    if not dialable(options.mobile):
        return fail("值班手机号写得不对。")
    if not settings.HOTLINE_NUMBER:
        return fail("请先设 HOTLINE_NUMBER:转接时显示的是我们自己的号码。")
    print(fallback.document(dialable(options.mobile), settings.HOTLINE_NUMBER))
    return 0
