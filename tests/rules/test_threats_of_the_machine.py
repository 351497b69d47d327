"""What the machine is made to do: speak to others (T36, T69), start badly (T63), take in a poisoned package (T64)."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.urls import get_resolver

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("gaf", "workflow", "finance", "cms")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]
SPEAK = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "socket", "smtplib", "ftplib"}
SPEAK |= {"websockets", "paramiko", "stripe", "grpc", "socketserver", "asyncio"}
# Who speaks, and to whom: Stripe's address is a setting; the scanner and the demo's port are on this machine.
SPEAKERS = {
    "finance/gateways/": "the provider whose address is in the settings",
    "finance/stand_ins/": "answers in the provider's place",
    "gaf/demo/serving.py": "asks whether a port of this machine is free",
    "gaf/demo/served.py": "measures pages that this machine serves to itself",
    "gaf/uploads/scanning.py": "the virus scanner, by a socket file",
}


@lru_cache(maxsize=2000)
def imported(path: Path) -> frozenset[str]:
    """Every module a file imports, by its full name and by each name above it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return frozenset(found | {name.split(".")[0] for name in found})


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


class TestT36AnAddressSomebodyGave:
    def test_t36_is_kept_in_no_field_of_ours(self):
        ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]

        fields = [(model, field) for model in ours for field in model._meta.get_fields()]
        assert [str(field) for _model, field in fields if isinstance(field, models.URLField)] == []
        assert len(ours) > 100

    def test_t36_is_asked_for_by_nobody_but_the_gateways(self):
        speakers = {name(path) for path in FILES if imported(path) & SPEAK}

        assert [one for one in speakers if not one.startswith(tuple(SPEAKERS))] == []
        assert speakers

    def test_t36_of_a_film_or_picture_has_no_door_in_the_editors_desk(self, client):
        """Wagtail would fetch what an editor embeds; no feature of ours offers it."""
        from cms.blocks import WORDS

        assert set(WORDS) == {"bold", "italic", "link"}
        routes = str(get_resolver().url_patterns)
        assert "oembed" not in routes


class TestT69ATextThatSteersAMachine:
    def test_t69_meets_no_machine_that_reads(self):
        locked = (ROOT / "requirements.lock").read_text("utf-8").lower()
        machines = "openai anthropic mistralai cohere langchain transformers torch tensorflow llama ollama google-genai"

        assert [one for one in machines.split() if re.search(rf"^{one}\b", locked, re.MULTILINE)] == []

    def test_t69_leaves_by_no_gateway(self):
        """Whoever speaks to the world cannot open a sealed text of a case; the bank's order names the payee only."""
        speakers = [path for path in FILES if name(path).startswith(tuple(SPEAKERS)) or name(path) == "gaf/notices.py"]

        assert [name(path) for path in speakers if "gaf.sealing.unseal" in imported(path)] == []
        assert [name(path) for path in speakers if "workflow" in imported(path)] == []
        assert len(speakers) > 3


# Starting

KEYS = {"GAF_SECRET_KEY": "kY7-" + "qW3zR9" * 9, "GAF_SEALING_KEYS": "first:" + "8f3a" * 16}
REAL = {**KEYS, "GAF_HOSTS": "fund.example.org", "DJANGO_SETTINGS_MODULE": "gaf.settings.production"}


def start(words: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Start a process under the settings of a real installation, with some of them changed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GAF_", "DJANGO_", "STRIPE_"))}
    environment = {**kept, **REAL, **changed}
    command = [sys.executable, "-W", "ignore", "-c", words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


READ = "from django.conf import settings; settings.DEBUG; print('started')"


class TestT63ADangerousSetting:
    def test_t63_apart_a_real_installation_starts(self):
        assert start(READ).stdout == "started\n"

    @pytest.mark.parametrize(
        "changed",
        [
            {"GAF_SECRET_KEY": ""},
            {"GAF_SECRET_KEY": "short"},
            {"GAF_SECRET_KEY": "demo-only-" + "x" * 50},
            {"GAF_SECRET_KEY": "a" * 60},
            {"GAF_SEALING_KEYS": ""},
            {"GAF_SEALING_KEYS": "first:abcd"},
            {"GAF_SEALING_KEYS": "demo:" + "42" * 32},
            {"GAF_SEALING_KEYS": "first:" + "00" * 32},
            {"GAF_CLOCK_SHIFT": "3600"},
            {"GAF_HOSTS": "*"},
            {"GAF_HOSTS": ""},
            {"STRIPE_API_KEY": "sk_live_x", "STRIPE_API_BASE": "http://127.0.0.1:12111"},
        ],
        ids=lambda changed: " and ".join(f"{key}={value[:12]}" for key, value in changed.items()),
    )
    def test_t63_keeps_it_from_starting(self, changed):
        outcome = start(READ, **changed)

        assert outcome.returncode != 0
        assert "ImproperlyConfigured" in outcome.stderr
        assert outcome.stdout == ""

    def test_t63_leaves_nothing_for_the_check_of_a_deployment_to_say(self, tmp_path):
        (tmp_path / "monday.dump").write_bytes(b"PGDMP")
        os.utime(tmp_path / "monday.dump", (0, 0))
        check = "from django.core.management import execute_from_command_line as run; import sys; "
        check += "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"

        outcome = start(check, GAF_BACKUP_FOLDER=str(tmp_path))

        assert (outcome.returncode, "no issues" in outcome.stdout) == (0, True), outcome.stderr[-1500:]

    def test_t63_debug_is_nobodys_to_set(self):
        assert start("from django.conf import settings; print(settings.DEBUG)", GAF_DEBUG="1", DEBUG="1").stdout == (
            "False\n"
        )


class TestT64APoisonedPackage:
    @pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
    def test_t64_has_no_place_in_a_lock_that_names_every_package_by_its_hashes(self, lock):
        text = re.sub(r"\\\n\s*", " ", (ROOT / lock).read_text("utf-8"))
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]

        assert [line for line in lines if not re.match(r"\S+==\S+", line) or "--hash=sha256:" not in line] == []
        assert [line for line in lines if "://" in line or line.startswith("-")] == []
        assert len(lines) > 30

    def test_t64_is_refused_by_the_installer_whose_bytes_are_others(self, tmp_path):
        wheel = tmp_path / "harmless-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as packed:
            packed.writestr("harmless.py", "")
            packed.writestr("harmless-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: harmless\nVersion: 1.0\n")
            packed.writestr(
                "harmless-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            packed.writestr("harmless-1.0.dist-info/RECORD", "")
        right = hashlib.sha256(wheel.read_bytes()).hexdigest()

        def install(digest: str) -> tuple[int, bool]:
            lock, into = tmp_path / f"{digest[:6]}.lock", tmp_path / digest[:6]
            lock.write_text(f"harmless==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
            asked = [
                "--no-index",
                "--find-links",
                str(tmp_path),
                "--require-hashes",
                "--no-deps",
                "--target",
                str(into),
            ]
            command = [sys.executable, "-m", "pip", "install", "--quiet", *asked, "--requirement", str(lock)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, (into / "harmless.py").exists()

        assert install("0" * 64) == (1, False)
        assert install(right) == (0, True)

    def test_t64_is_asked_for_by_hash_when_the_environment_is_built(self):
        assert '"--require-hashes"' in (ROOT / "gaf/bootstrap.py").read_text("utf-8")
