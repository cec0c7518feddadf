"""The hotline under load, and random histories of calls.

    ./jieyuan bench hotline [--calls 50 200] [--rounds 4] [--dialogue 0.3]
    ./jieyuan bench hotline --fuzz 10000 [--seed 1]

The first plays so many callers at once against one router process with a played Twilio: each
agrees to the recording, tells the assistant what happened, asks for a person and waits a little; no
lawyer picks up. It prints how long the carrier waits for the answer to a webhook (it hangs up at
15 s), apart for those behind which the dialogue thinks (played, so many seconds), and how long it
takes from the key 0 until the carrier is asked to ring a lawyer.
The second plays histories in which any leg may drop at any moment, on every core; it ends with 1
if anything was left over: a stuck leg, an orphaned room, a call without outcome, a citizen in no
queue.
"""

import argparse
import asyncio
import sys

from bench.telephone import histories, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan bench hotline", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[50, 200], help="at once")
    parser.add_argument("--rounds", type=int, default=4, help="each in a new office")
    parser.add_argument("--dialogue", type=float, default=0.3, help="seconds of a turn, played")
    parser.add_argument("--fuzz", type=int, help="so many histories instead")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.fuzz:
        return 1 if histories.play(options.fuzz, options.seed) else 0
    left = 0
    for calls in options.calls:
        left += asyncio.run(load.measure(calls, options.rounds, options.dialogue))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
