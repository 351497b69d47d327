"""Reads the whole books and says whether they are true; changes nothing."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from finance.books import Outcome, books_summary, verify

_MOST_ROWS = 5


class Command(BaseCommand):
    """`manage.py verify_books [--json]`: exit code 1 and the first broken row named when something is not true."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json` for machines."""
        parser.add_argument("--json", action="store_true", help="print every broken row as JSON")

    def handle(self, *args: Any, json: bool = False, **options: Any) -> None:
        """Run every check, print what was found, and leave with 1 when a row is broken."""
        outcomes = verify()
        summary = books_summary(outcomes)
        self.stdout.write(_as_json(outcomes, str(summary)) if json else _table(outcomes))
        if not json:
            self.stdout.write(str(summary))
        if summary.first_broken is not None:
            self.stderr.write(f"first broken row: {summary.first_broken.row}: {summary.first_broken.what}")
            sys.exit(1)


def _table(outcomes: list[Outcome]) -> str:
    """One line a check, and below it the first rows that break it."""
    rows = []
    for one in outcomes:
        rows.append(f"{'BROKEN' if one.broken else 'ok':<7} {one.code:<11} {one.title}")
        rows += [f"{'':<20}{broken.row}: {broken.what}" for broken in one.broken[:_MOST_ROWS]]
        if len(one.broken) > _MOST_ROWS:
            rows.append(f"{'':<20}and {len(one.broken) - _MOST_ROWS} more")
    return "\n".join(rows) + "\n"


def _as_json(outcomes: list[Outcome], summary: str) -> str:
    ok = not any(one.broken for one in outcomes)
    return json.dumps({"ok": ok, "summary": summary, "checks": [asdict(one) for one in outcomes]}, indent=1)
