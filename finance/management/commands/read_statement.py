"""Says what a bank's file holds, without a database: `manage.py read_statement FILE [--json] [--mapping FILE]`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.gateways.statements.csv_lists import CsvShape
from finance.gateways.statements.described import described
from finance.gateways.statements.formats import family_of, read_file
from gaf.refusals import Refusal


class Command(BaseCommand):
    """Reads one file, whatever its name, and prints what was read or why it was refused."""

    help = "Says what a bank's file holds: statements, status reports. Changes nothing, needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the form of the answer, and the mapping of a list."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        parser.add_argument("--mapping", type=Path, help="a JSON file that says how a list (CSV) is written")

    def handle(self, *args: object, **options: Any) -> None:
        """Print the answer; a refused file is an answer too."""
        told = _told(_content(options["file"]), _shape(options["mapping"]))
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(_in_words(told)))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise CommandError(f"The file cannot be read: {fault.strerror}.") from fault


def _shape(path: Path | None) -> CsvShape | None:
    if path is None:
        return None
    try:
        return CsvShape(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as fault:
        raise CommandError(f"The mapping cannot be read: {fault}.") from fault


def _told(content: bytes, shape: CsvShape | None) -> dict[str, Any]:
    try:
        return described(read_file(content, shape))
    except Refusal as refusal:
        return {"format": family_of(content) or None, "outcome": "reject", "error": f"{refusal.code}: {refusal.why}"}


def _in_words(told: dict[str, Any]) -> list[str]:
    if told["outcome"] == "reject":
        return [f"Refused. {told['error']}"]
    if "statements" not in told:
        return [
            f"{told['format']}: status report about {told['original_message_id'] or 'no named file'}",
            f"  status {told['group_status'] or '-'} {' '.join(told['group_reasons'])}".rstrip(),
            *(f"  batch {one['id']}: {one['status']}" for one in told["payment_infos"]),
            *(
                f"  order {one['end_to_end_id']}: {one['status']} {' '.join(one['reasons'])}"
                for one in told["transactions"]
            ),
        ]
    lines = [f"{told['format']}: {len(told['statements'])} statements, {told['entries']} entries"]
    lines += [
        f"  {currency}: in {sums['credit']}, out {sums['debit']}, net {sums['net']}"
        for currency, sums in told["sums"].items()
    ]
    for one in told["statements"]:
        ends = [one[end]["amount"] if one[end] else "-" for end in ("opening", "closing")]
        proof = {True: "adds up", False: "does NOT add up", None: "gives no proof"}[one["balanced"]]
        lines.append(f"  {one['account']} {one['currency']}: {ends[0]} to {ends[1]}, {one['entries']} entries, {proof}")
    return lines
