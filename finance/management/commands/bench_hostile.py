"""Gives every hostile file to the readers and prints what refused it, how long that took, and the most memory."""

from __future__ import annotations

import json
import re
import resource
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from finance.gateways.statements.formats import read_file
from finance.stand_ins.hostile_files import Hostile, hostile_files
from gaf.refusals import Refusal


class Command(BaseCommand):
    """The figures of bad input: each file with its rule and its milliseconds, and the process's peak in MB."""

    help = "Reads every hostile file of the project and prints rule, time and peak memory. Changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Machines ask for JSON."""
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        """Print one line for each file and one for all of them; leave with one when a file was not refused rightly."""
        rows = [_tried(one) for one in hostile_files()]
        told = {
            "files": len(rows),
            "wrong": [row["name"] for row in rows if not row["right"]],
            "slowest_ms": max(row["ms"] for row in rows),
            "peak_mb": _peak_mb(),
        }
        if options["json"]:
            self.stdout.write(json.dumps({**told, "rows": rows}, ensure_ascii=False, indent=1))
        else:
            for row in rows:
                self.stdout.write(f"{row['ms']:8.1f} ms  {row['rule'] or 'kept':8}  {row['name']}")
            self.stdout.write(
                f"{told['files']} files, {len(told['wrong'])} wrong, slowest {told['slowest_ms']} ms, "
                f"peak {told['peak_mb']} MB"
            )
        if told["wrong"]:
            raise SystemExit(1)


def _peak_mb() -> float:
    """The most memory this process ever held. Linux says it for the process alone; elsewhere the parent's may count."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+([0-9]+) kB", status.read_text(encoding="ascii"))
        if found:
            return round(int(found[1]) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _tried(hostile: Hostile) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        read_file(hostile.content)
        rule = ""
    except Refusal as refusal:
        rule = refusal.code
    spent = (time.perf_counter() - start) * 1000
    return {"name": hostile.name, "rule": rule, "right": rule == hostile.rule, "ms": round(spent, 1)}
