"""`./jieyuan test [options]`: Rasa's tests in its environment, all others in the router's."""

import os
import subprocess
import sys

from router.cli.environment import BOT_PYTHON, child_environment
from router.settings import ROOT

BOT_TESTS = "tests/bot"  # these need Python 3.10 and rasa


def main(argv: list[str]) -> int:
    named = [word for word in argv if word.startswith("tests/")]
    of_bot = [word for word in named if word.startswith(BOT_TESTS)]
    options = [word for word in argv if word not in named]
    status = os.EX_OK
    if not named or of_bot:
        print("== 对话模型的测试 (Python 3.10)", flush=True)
        status |= _pytest(
            BOT_PYTHON, ["-c", f"{BOT_TESTS}/pytest.ini", *options], of_bot or [BOT_TESTS]
        )
    if not named or len(named) > len(of_bot):
        print("== 路由服务与整个系统的测试 (Python 3.11+)", flush=True)
        status |= _pytest(
            sys.executable,
            [f"--ignore={BOT_TESTS}", *options],
            [word for word in named if word not in of_bot] or ["tests"],
        )
    return status


def _pytest(python: object, options: list[str], folders: list[str]) -> int:
    command = [str(python), "-m", "pytest", *options, *folders]
    return subprocess.run(command, cwd=ROOT, env=child_environment()).returncode
