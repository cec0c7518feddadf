"""The bootstrap script on a machine that lacks something, with a uv of this test's own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from router.settings import ROOT

TOOLS = ("sh", "awk", "cat", "chmod", "cut", "df", "dirname", "flock", "mkdir", "readlink", "rm",
         "sha256sum", "touch", "env")  # fmt: skip
GOOD_UV = """#!/bin/sh
case "$1" in
  venv) for folder; do :; done; mkdir -p "$folder/bin"; printf '#!/bin/sh\\nmkdir -p node_modules; echo "ran $*"\\n' > "$folder/bin/python"; chmod +x "$folder/bin/python";;
esac
"""  # noqa: E501

# A python3 whose `-m venv` puts in a pip of the test's own.
VENV = """#!/bin/sh
[ "$*" = "-m venv $3" ] || exec {python} "$@"
mkdir -p "$3/bin"; printf '%s\\n' '#!/bin/sh' '{pip}' > "$3/bin/pip"; chmod +x "$3/bin/pip"
"""


class Machine:
    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.checkout / "bot").mkdir(parents=True)
        shutil.copy(ROOT / "jieyuan", self.checkout)
        for lock in ("requirements.lock", "package-lock.json", "bot/requirements.lock"):
            (self.checkout / lock).write_text(lock)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.has("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        self.has("python3.10", "#!/bin/sh\necho 3.10\n")
        self.has("uv", GOOD_UV)

    def has(self, name: str, program: str) -> None:
        (self.bin / name).write_text(program)
        (self.bin / name).chmod(0o755)

    def lacks(self, name: str) -> None:
        (self.bin / name).unlink()

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        world = {"PATH": str(self.bin), "HOME": str(self.checkout.parent), **more}
        return subprocess.run(
            [str(self.checkout / "jieyuan"), *words], env=world, capture_output=True, text=True
        )

    def made(self) -> set[str]:
        folders = (".venv", "bot/.venv", "node_modules", ".tools/uv", ".tools/python")
        return {name for name in folders if (self.checkout / name).exists()}


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def sentences(run: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in run.stderr.splitlines() if line.startswith("错误:")]


def test_both_environments_are_made_once_and_the_command_is_handed_over(machine):
    first = machine.run("up", "--port", "1")
    assert first.returncode == 0, first.stderr
    assert "ran -m router.cli up --port 1" in first.stdout
    assert machine.made() == {".venv", "bot/.venv", "node_modules"}
    second = machine.run("up")
    assert second.returncode == 0 and second.stderr == ""


def test_it_is_found_through_a_symbolic_link_and_in_a_folder_with_blanks(tmp_path):
    folder = tmp_path / "with a blank"
    folder.mkdir()
    machine = Machine(folder)
    link = tmp_path / "jy"
    link.symlink_to(machine.checkout / "jieyuan")
    world = {"PATH": str(machine.bin), "HOME": str(folder)}
    run = subprocess.run([str(link), "up"], env=world, cwd="/", capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert machine.made() == {".venv", "bot/.venv", "node_modules"}
    assert {path.name for path in tmp_path.iterdir()} == {"with a blank", "jy"}


def test_each_long_step_is_announced(machine):
    said = machine.run("up").stderr
    assert all(step in said for step in ("[1/3]", "[2/3]", "[3/3]"))


def test_the_python_of_the_system_goes_before_another_one_on_the_path(machine):
    """Debian compiles its own with profiles; one that pyenv compiled is far slower."""
    machine.has("uv", GOOD_UV.replace('case "$1"', 'echo "uv $*" >&2\ncase "$1"', 1))
    system = Path("/usr/bin/python3")
    asked = "import sys; sys.exit(sys.version_info < (3, 11))"
    good = system.exists() and subprocess.run([str(system), "-c", asked]).returncode == 0
    wanted = system if good else machine.bin / "python3"
    assert f"--python {wanted} {machine.checkout}/.venv" in machine.run("up").stderr


def test_a_python_that_is_named_goes_before_all_others(machine):
    machine.has("uv", GOOD_UV.replace('case "$1"', 'echo "uv $*" >&2\ncase "$1"', 1))
    named = machine.bin / "named"
    machine.has("named", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    said = machine.run("up", JIEYUAN_PYTHON=str(named)).stderr
    assert f"--python {named} {machine.checkout}/.venv" in said


def test_without_python_3_10_one_sentence_says_what_to_do(machine):
    machine.lacks("python3.10")
    machine.has("uv", '#!/bin/sh\n[ "$1" = python ] && exit 1\nexit 0\n')
    run = machine.run("up")
    assert run.returncode != 0
    assert len(sentences(run)) == 1
    assert "3.10" in sentences(run)[0] and "pyenv" in sentences(run)[0]
    assert machine.made() == set()


def test_with_a_full_disk_one_sentence_says_how_much_is_needed(machine):
    (machine.bin / "df").unlink()
    machine.has("df", "#!/bin/sh\necho head; echo 'dev 1 1 5999 1 /'\n")
    run = machine.run("up")
    assert run.returncode != 0
    assert len(sentences(run)) == 1 and "6000 MB" in sentences(run)[0]
    assert machine.made() == set()


def test_with_just_enough_disk_it_goes_on(machine):
    (machine.bin / "df").unlink()
    machine.has("df", "#!/bin/sh\necho head; echo 'dev 1 1 6000 1 /'\n")
    assert machine.run("up").returncode == 0


def test_an_install_that_breaks_off_leaves_nothing_half_made(machine):
    machine.has("uv", GOOD_UV + '[ "$1" = pip ] && exit 2\nexit 0\n')
    run = machine.run("up")
    assert run.returncode != 0
    assert len(sentences(run)) == 1
    assert machine.made() == set()


def test_a_changed_lock_makes_the_environment_anew(machine):
    machine.run("up")
    stamp = machine.checkout / ".venv" / ".made-from"
    before = stamp.read_text()
    (machine.checkout / "requirements.lock").write_text("changed")
    machine.run("up")
    assert stamp.read_text() != before


def test_without_venv_one_sentence_names_the_package(machine):
    machine.lacks("uv")
    machine.has(
        "python3",
        f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n',
    )
    run = machine.run("up")
    assert run.returncode != 0
    assert len(sentences(run)) == 1 and "python3-venv" in sentences(run)[0]


def test_a_pip_that_cannot_reach_its_index_leaves_no_half_made_uv(machine):
    machine.lacks("uv")
    pip = 'mkdir -p "${0%pip}../lib/half"; echo "ERROR: No matching distribution" >&2; exit 1'
    machine.has("python3", VENV.format(python=sys.executable, pip=pip))
    run = machine.run("up")
    assert run.returncode != 0
    assert len(sentences(run)) == 1
    assert "uv" in sentences(run)[0] and "Python 软件源" in sentences(run)[0]
    assert "No matching distribution" in run.stderr  # pip's own words, for who can read them
    assert machine.made() == set()


def test_after_a_pip_that_failed_a_second_run_installs_all(machine):
    machine.lacks("uv")
    machine.has("python3", VENV.format(python=sys.executable, pip="exit 1"))
    assert machine.run("up").returncode != 0
    machine.has("uv-of-the-index", GOOD_UV)
    pip = f'ln -s {machine.bin}/uv-of-the-index "${{0%pip}}uv"'
    machine.has("python3", VENV.format(python=sys.executable, pip=pip))
    (machine.bin / "ln").symlink_to(shutil.which("ln"))
    again = machine.run("up")
    assert again.returncode == 0, again.stderr
    assert machine.made() == {".venv", "bot/.venv", "node_modules", ".tools/uv"}


def test_an_npm_that_fails_leaves_no_half_made_pages_and_both_environments(machine):
    npm = "mkdir -p node_modules/half; echo npm error network >&2; exit 1"
    machine.has("uv", GOOD_UV.replace('mkdir -p node_modules; echo "ran $*"', npm))
    run = machine.run("up")
    assert run.returncode != 0
    assert len(sentences(run)) == 1
    assert "网页软件包" in sentences(run)[0] and "npm 软件源" in sentences(run)[0]
    assert machine.made() == {".venv", "bot/.venv"}
    machine.has("uv", GOOD_UV)
    shutil.rmtree(machine.checkout / ".venv")
    assert machine.run("up").returncode == 0
