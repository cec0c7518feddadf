"""Makes router processes by fork: everything is imported once, so who was killed is soon back.

A line of JSON on stdin asks for one, its process id is the answer.
"""

import json
import os
import signal
import sys
from typing import Any

import router.app  # what takes so long to import  # noqa: F401
from router.cli import serve


def _be(asked: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(asked["environment"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for at, file in enumerate((nothing, log, log)):
        os.dup2(file, at)
    options = asked["command"][asked["command"].index("serve") + 1 :]
    sys.exit(serve.main(options))


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need nobody to wait for them
    print("ready", flush=True)
    while line := sys.stdin.readline():
        if (child := os.fork()) == 0:
            _be(json.loads(line))
        print(child, flush=True)


if __name__ == "__main__":
    main()
