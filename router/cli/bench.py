"""`./jieyuan bench NAME [options]`: a measurement from bench/, beside its other side."""

import subprocess
import sys

from router.cli.environment import child_environment
from router.settings import ROOT


def main(argv: list[str]) -> int:
    known = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if path.stem != "__init__")
    if not argv or argv[0] not in known:
        print(f"用法:./jieyuan bench 名称 [选项]\n可测量:{'、'.join(known)}")
        return 0 if argv in (["-h"], ["--help"]) else 2
    command = [sys.executable, "-m", f"bench.{argv[0]}", *argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=child_environment()).returncode
