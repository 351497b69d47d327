"""Setting itself up: `manage.py` builds what it needs once, heals what was interrupted, and says what it cannot do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gaf import bootstrap
from gaf.bootstrap import DEVELOPMENT_LOCK, RUNTIME_LOCK, Environment, locks_for

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean clone: two lock files that name nothing, and no environment."""
    for lock in (RUNTIME_LOCK, DEVELOPMENT_LOCK):
        (tmp_path / lock).write_text("# nothing locked\n")
    return tmp_path


@pytest.fixture
def commands(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been run; building really leaves a Python behind, so that the next step can ask it."""
    said: list[str] = []

    def pretend(command: list[str], if_it_fails: str) -> None:
        words = " ".join(command[1:])
        said.append("build" if "venv" in words else "install " + Path(command[-1]).name)
        if "venv" in words:
            python = checkout / ".venv" / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.unlink(missing_ok=True)
            python.symlink_to(sys.executable)

    monkeypatch.setattr(bootstrap, "run", pretend)
    return said


class TestOnACleanClone:
    def test_the_demo_needs_only_what_runs_and_the_suite_needs_the_tools_too(self) -> None:
        assert locks_for(["manage.py", "demo", "--no-serve"]) == [RUNTIME_LOCK]
        assert locks_for(["manage.py"]) == [RUNTIME_LOCK]
        assert locks_for(["manage.py", "test", "-k", "demo"]) == [RUNTIME_LOCK, DEVELOPMENT_LOCK]

    def test_it_builds_and_installs_once(self, checkout: Path, commands: list[str]) -> None:
        environment = Environment(checkout)
        assert not environment.is_ready([RUNTIME_LOCK])
        environment.prepare([RUNTIME_LOCK])
        environment.prepare([RUNTIME_LOCK])
        assert environment.is_ready([RUNTIME_LOCK])
        assert commands == ["build", "install requirements.lock"]

    def test_the_tools_are_added_to_what_is_there(self, checkout: Path, commands: list[str]) -> None:
        Environment(checkout).prepare([RUNTIME_LOCK])
        assert not Environment(checkout).is_ready([RUNTIME_LOCK, DEVELOPMENT_LOCK])
        Environment(checkout).prepare([RUNTIME_LOCK, DEVELOPMENT_LOCK])
        assert commands == ["build", "install requirements.lock", "install requirements-dev.lock"]


class TestOnACloneThatWasUsed:
    def test_another_lock_is_installed_into_the_same_environment(self, checkout: Path, commands: list[str]) -> None:
        Environment(checkout).prepare([RUNTIME_LOCK])
        (checkout / RUNTIME_LOCK).write_text("# another lock\n")
        assert not Environment(checkout).is_ready([RUNTIME_LOCK])
        Environment(checkout).prepare([RUNTIME_LOCK])
        assert commands == ["build", "install requirements.lock", "install requirements.lock"]

    def test_an_interrupted_installation_is_built_anew(
        self, checkout: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(command: list[str], if_it_fails: str) -> None:
            raise KeyboardInterrupt

        Environment(checkout).prepare([RUNTIME_LOCK])
        with monkeypatch.context() as patch:
            patch.setattr(bootstrap, "run", interrupted)
            with pytest.raises(KeyboardInterrupt):
                Environment(checkout).prepare([RUNTIME_LOCK, DEVELOPMENT_LOCK])
        assert not Environment(checkout).is_ready([RUNTIME_LOCK])  # half a package may lie there
        Environment(checkout).prepare([RUNTIME_LOCK])
        assert commands == ["build", "install requirements.lock", "build"]

    def test_an_environment_of_another_python_is_built_anew(
        self, checkout: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Environment(checkout).prepare([RUNTIME_LOCK])
        monkeypatch.setattr(bootstrap, "PYTHON", "3.99")
        assert not Environment(checkout).is_ready([RUNTIME_LOCK])
        Environment(checkout).prepare([RUNTIME_LOCK])
        assert commands == ["build", "install requirements.lock"] * 2

    def test_an_environment_whose_python_is_gone_is_built_anew(self, checkout: Path, commands: list[str]) -> None:
        Environment(checkout).prepare([RUNTIME_LOCK])
        (checkout / ".venv" / "bin" / "python").unlink()
        assert not Environment(checkout).is_ready([RUNTIME_LOCK])
        Environment(checkout).prepare([RUNTIME_LOCK])
        assert commands == ["build", "install requirements.lock", "build"]


class TestWithoutTheModuleThatBuildsEnvironments:
    @pytest.fixture(autouse=True)
    def _without_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/usr/bin/apt-get")

    def test_root_installs_it_and_says_so_first(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        done: list[list[str]] = []
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(bootstrap, "run", lambda command, if_it_fails: done.append(command))
        bootstrap.ensure_venv_module()
        package = f"python{bootstrap.PYTHON}-venv"
        assert f"installing {package} with apt-get" in capsys.readouterr().err
        assert [command[:2] for command in done] == [["apt-get", "update"], ["apt-get", "install"]]
        assert done[1][-1] == package

    def test_anybody_else_reads_the_one_command_to_type(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(bootstrap, "run", lambda command, if_it_fails: pytest.fail("nothing may be run"))
        with pytest.raises(SystemExit) as refusal:
            bootstrap.ensure_venv_module()
        assert refusal.value.code == (
            f"Python cannot build environments here. Type: sudo apt-get install python{bootstrap.PYTHON}-venv"
        )


class TestGoingInside:
    @pytest.fixture(autouse=True)
    def _outside_an_environment_that_is_not_ready(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Environment, "is_ready", lambda self, locks: False)
        monkeypatch.setattr(Environment, "is_running", lambda self: False)

    def test_nothing_is_built_where_somebody_else_builds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GAF_NO_BOOTSTRAP", "1")
        monkeypatch.setattr(Environment, "prepare", lambda self, locks: pytest.fail("nothing may be built"))
        bootstrap.enter_locked_environment(["manage.py", "demo"])

    def test_another_environment_is_left_for_our_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        steps: list[object] = []
        monkeypatch.delenv("GAF_NO_BOOTSTRAP", raising=False)
        monkeypatch.setattr(Environment, "prepare", lambda self, locks: steps.append(locks))
        monkeypatch.setattr(Environment, "go_inside", lambda self: steps.append("inside"))
        bootstrap.enter_locked_environment(["manage.py", "demo"])
        assert steps == [[RUNTIME_LOCK], "inside"]

    def test_inside_a_ready_environment_nothing_happens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GAF_NO_BOOTSTRAP", raising=False)
        monkeypatch.setattr(Environment, "is_ready", lambda self, locks: True)
        monkeypatch.setattr(Environment, "is_running", lambda self: True)
        monkeypatch.setattr(Environment, "go_inside", lambda self: pytest.fail("already inside"))
        bootstrap.enter_locked_environment(["manage.py", "demo"])


class TestBeforeAnythingIsInstalled:
    def test_an_older_python_reads_one_sentence(self) -> None:
        old = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path('manage.py', run_name='__main__')"
        outcome = self.plain_python("-c", old)
        assert outcome.returncode == 1
        assert outcome.stderr == "This needs Python 3.11 or newer; here runs Python 3.9.\n"

    def test_the_bootstrap_asks_for_nothing_but_the_standard_library(self) -> None:
        asked = "import sys, gaf.bootstrap; print([name for name in sys.modules if name.startswith('django')])"
        assert self.plain_python("-S", "-c", asked).stdout == "[]\n"

    def plain_python(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *words], cwd=CHECKOUT, capture_output=True, text=True, check=False)
