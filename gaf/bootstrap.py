"""Builds `.venv` from the lock files and goes on inside it: one command is enough on a machine that has only Python.

Runs before anything is installed: standard library only, and nothing of Django. `python3 -m gaf.bootstrap` prepares
the whole environment, development tools included, and does nothing else.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class Environment:
    """The locked environment of one checkout: `.venv`, and what it is made from."""

    def __init__(self, checkout: Path) -> None:
        """Look at the checkout in `checkout`; nothing is built yet."""
        self.checkout = checkout
        self.folder = checkout / ".venv"
        self.python = self.folder / "bin" / "python"
        self.unfinished = checkout / ".cache" / "environment-unfinished"

    def is_running(self) -> bool:
        """Whether this very process runs inside the environment."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def is_ready(self, locks: Sequence[str]) -> bool:
        """Whether everything in `locks` is installed, for this version of Python."""
        if self.unfinished.exists() or not self.python.exists():
            return False
        return all(self._stamped(lock) == self._wanted(lock) for lock in locks)

    def prepare(self, locks: Sequence[str]) -> None:
        """Install what is missing. An interrupted run leaves a mark, and the next one starts from an empty folder."""
        with self._alone():
            if self.is_ready(locks):  # somebody else finished it while this process waited
                return
            must_be_built = self._must_be_built()
            self.unfinished.touch()
            if must_be_built:
                self._build()
            for lock in locks:
                if self._stamped(lock) != self._wanted(lock):
                    self._install(lock)
            self.unfinished.unlink()

    def go_inside(self) -> NoReturn:
        """Start the same command again with the environment's own Python; never returns."""
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(self.python, [str(self.python), *sys.orig_argv[1:]])  # noqa: S606  # our own words, no shell

    def _wanted(self, lock: str) -> str:
        digest = hashlib.sha256((self.checkout / lock).read_bytes()).hexdigest()
        return f"{digest} python {PYTHON}\n"

    def _stamp(self, lock: str) -> Path:
        return self.folder / f"{lock}.installed"

    def _stamped(self, lock: str) -> str:
        try:
            return self._stamp(lock).read_text()
        except FileNotFoundError:
            return ""

    def _must_be_built(self) -> bool:
        """Whether the folder has to be made anew: none yet, half made, without pip, or of another Python."""
        if self.unfinished.exists() or not self.python.exists():
            return True
        question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
        answer = subprocess.run([self.python, "-c", question], capture_output=True, text=True, check=False)
        return answer.stdout.strip() != PYTHON

    def _build(self) -> None:
        ensure_venv_module()
        say(f"Building {self.folder} with Python {PYTHON}")
        # The plain Python below a virtual environment, so that this one does not lean on another.
        plain_python = getattr(sys, "_base_executable", sys.executable)
        run([plain_python, "-m", "venv", "--clear", str(self.folder)], "The environment could not be built.")

    def _install(self, lock: str) -> None:
        say(f"Installing {lock} (about half a minute; once)")
        command = [str(self.python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        command += ["--root-user-action=ignore", "--require-hashes", "--requirement", str(self.checkout / lock)]
        run(command, f"{lock} could not be installed. Check the network, then give the same command again.")
        self._stamp(lock).write_text(self._wanted(lock))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.unfinished.parent.mkdir(exist_ok=True)
        with (self.unfinished.parent / "environment-lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def enter_locked_environment(arguments: Sequence[str]) -> None:
    """Make sure that `manage.py` with these arguments runs inside the locked environment; returns only there.

    Inert with GAF_NO_BOOTSTRAP=1, for machines whose environment somebody else builds.
    """
    if os.environ.get("GAF_NO_BOOTSTRAP") == "1":
        return
    environment = Environment(Path(__file__).resolve().parent.parent)
    locks = locks_for(arguments)
    if not environment.is_ready(locks):
        environment.prepare(locks)
    if not environment.is_running():
        environment.go_inside()


def locks_for(arguments: Sequence[str]) -> list[str]:
    """What the command needs: the suite needs the development tools too."""
    return [RUNTIME_LOCK, DEVELOPMENT_LOCK] if list(arguments[1:2]) == ["test"] else [RUNTIME_LOCK]


def ensure_venv_module() -> None:
    """Debian ships Python without the part that builds environments: install it as root, or say what to type."""
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip and ensurepip.origin:  # an empty folder, as a removed package leaves it, has no origin
        return
    package = f"python{PYTHON}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"Python cannot build environments here. Type: sudo apt-get install {package}")
    say(f"Python cannot build environments here: installing {package} with apt-get")
    run(["apt-get", "update", "-qq"], "apt-get could not read its package lists.")
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], f"{package} could not be installed.")


def run(command: Sequence[str], if_it_fails: str) -> None:
    """Run a command with its messages on standard error; leave with a sentence when it fails."""
    # A pip told by the environment to install elsewhere would leave `.venv` empty and stamped.
    elsewhere = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN"}
    clean = {name: value for name, value in os.environ.items() if name not in elsewhere}
    outcome = subprocess.run(
        command, stdout=sys.stderr, env={**clean, "DEBIAN_FRONTEND": "noninteractive"}, check=False
    )
    if outcome.returncode:
        sys.exit(if_it_fails)


def say(sentence: str) -> None:
    """Tell the person who waits; standard output stays free for the command's own lines."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    Environment(Path(__file__).resolve().parent.parent).prepare([RUNTIME_LOCK, DEVELOPMENT_LOCK])
