"""The house rules a machine can hold: small modules, one door for states, nothing left open."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("gaf", "workflow", "finance", "cms")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]
# The outbox and the attempts are records of the machine, not of a person; their states are plain columns.
MACHINE_STATES = {"gaf/outbox/outbox.py", "finance/actions/files.py", "gaf/outbox/tasks.py"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]


class TestTheHouse:
    def test_has_no_module_longer_than_400_lines(self):
        long = {name(path): len(path.read_text("utf-8").splitlines()) for path in FILES}

        assert {path: lines for path, lines in long.items() if lines > 400} == {}

    def test_leaves_nothing_open(self):
        word = re.compile(r"\b(TODO|FIXME|NotImplementedError)\b")

        assert [name(path) for path in FILES if word.search(path.read_text("utf-8"))] == []

    def test_names_no_room_utils_helpers_or_manager(self):
        forbidden = {"utils", "helpers", "manager", "managers", "common", "misc"}

        assert [name(path) for path in FILES if path.stem in forbidden] == []


class TestAState:
    def test_is_never_set_by_a_query(self):
        setters = [
            f"{name(path)}:{call.lineno}"
            for path in FILES
            if name(path) not in MACHINE_STATES
            for call in calls(path)
            if isinstance(call.func, ast.Attribute)
            and call.func.attr in {"update", "bulk_update", "update_or_create"}
            and any(keyword.arg == "state" for keyword in call.keywords)
        ]

        assert setters == []

    def test_is_never_switched_off_from_protection(self):
        wanted = re.compile(r"protected\s*=\s*False")

        assert [name(path) for path in FILES if wanted.search(path.read_text("utf-8"))] == []


class TestTheWorld:
    @pytest.mark.parametrize("module", ["smtplib", "socket", "urllib.request", "http.client"])
    def test_is_spoken_to_only_from_the_gateways_and_the_stand_ins(self, module):
        # The demo asks its own machine whether a port is free, and measures pages that this machine serves; the virus
        # scanner is a socket of this machine.
        demo = ("gaf/demo/serving.py", "gaf/demo/served.py")
        allowed = ("finance/gateways/", "finance/stand_ins/", *demo, "gaf/uploads/scanning.py")
        speakers = [
            name(path)
            for path in FILES
            if not name(path).startswith(allowed)
            and re.search(rf"^\s*(import|from) {re.escape(module)}\b", path.read_text("utf-8"), re.MULTILINE)
        ]

        assert speakers == []

    def test_gets_mails_only_from_the_notices(self):
        senders = [name(path) for path in FILES if "EmailMessage(" in path.read_text("utf-8")]

        assert senders == ["gaf/notices.py"]
