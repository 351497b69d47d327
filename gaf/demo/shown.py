"""Runs the specifications that show how people are protected, and adds up what they tell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from lxml import etree

_THREAT = re.compile(r"\| (T\d\d) \| [^|]+ \| (.+) \|")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# What is shown beside the threats: who opens what, words typed everywhere, erasure, and children who do not travel.
_OTHERS = (
    "tests/rules/test_access_matrix.py",
    "tests/workflow/test_erasure.py",
    "tests/workflow/protection/test_no_child_travels_without.py",
)
_BY_LOT = "tests/rules/test_canary_over_http.py"
Test = tuple[str, str]  # its file and its name


@dataclass
class Shown:
    """What the specifications told, how each ended, and which threats they hold off."""

    figures: Counter[str] = field(default_factory=Counter)
    passed: set[Test] = field(default_factory=set)
    failed: set[Test] = field(default_factory=set)
    held_off: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


def threats() -> dict[str, list[Test]]:
    """The threats of docs/threats.md, each with the tests that show it."""
    rows = map(_THREAT.fullmatch, (settings.BASE_DIR / "docs" / "threats.md").read_text("utf-8").splitlines())
    return {row[1]: _NAMED.findall(row[2]) for row in rows if row}


def show_everything() -> Shown:
    """Run all of them on SQLite, several at a time; a threat is held off when each of its tests ran and passed."""
    shown, named = Shown(), threats()
    files = sorted({file for tests in named.values() for file, _name in tests} | set(_OTHERS))
    names = sorted({name for tests in named.values() for _file, name in tests})
    for which in (
        [*(file for file in files if file not in _OTHERS), "-m", "not nightly", "-k", " or ".join(names)],
        [*_OTHERS, "-m", "not nightly"],
        [_BY_LOT, "-m", "nightly"],
    ):
        _run(which, shown)
    for threat, tests in named.items():
        holds = bool(tests) and set(tests) <= shown.passed and not set(tests) & shown.failed
        (shown.held_off if holds else shown.open).append(threat)
    return shown


def _run(which: list[str], shown: Shown) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told, ended = Path(folder) / "told", Path(folder) / "ended.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count() or 1), f"--junitxml={ended}", *which]
        environment = {**os.environ, "GAF_FIGURES_TO": str(told), "DJANGO_SETTINGS_MODULE": "gaf.settings.test"}
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, stdout=sys.stderr, check=False)
        for line in told.read_text("utf-8").splitlines() if told.exists() else ():
            what, figure = json.loads(line)
            shown.figures[what] += figure
        for case in etree.parse(str(ended)).iter("testcase"):
            _count(case, shown)


def _count(case: etree._Element, shown: Shown) -> None:
    module = re.sub(r"\.[A-Z]\w*", "", str(case.get("classname")))
    test = (module.replace(".", "/") + ".py", str(case.get("name")).split("[")[0])
    if case.find("failure") is not None or case.find("error") is not None:
        shown.failed.add(test)
    elif case.find("skipped") is None:
        shown.passed.add(test)


def as_rows(shown: Shown) -> str:
    """A table in Markdown."""
    rows = ["| shown by specifications | |", "| --- | --- |"]
    rows.append(f"| threats held off | {len(shown.held_off)} of {len(shown.held_off) + len(shown.open)} |")
    rows.append(f"| threats open, or whose tests did not run here | {', '.join(shown.open) or 'none'} |")
    rows.append(f"| specifications that passed, and failed | {len(shown.passed):,}, {len(shown.failed):,} |")
    rows += [f"| {what} | {figure:,} |" for what, figure in sorted(shown.figures.items())]
    return "\n".join(rows)
