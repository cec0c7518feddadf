"""`./jieyuan vectors`: after sentences were added to data/training, keeps their vectors too."""

import argparse
import subprocess

from router.cli.environment import BOT_PYTHON, child_environment
from router.settings import ROOT


def main(argv: list[str]) -> int:
    argparse.ArgumentParser(prog="./jieyuan vectors", description=__doc__).parse_args(argv)
    command = [str(BOT_PYTHON), "-m", "bot.vectors"]
    return subprocess.run(command, cwd=ROOT, env=child_environment()).returncode
