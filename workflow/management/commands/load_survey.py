"""`manage.py load_survey FILE --number 2 --from 2027-01-01 --source "…"`: puts a version of the survey in force."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf import clock
from gaf.refusals import Incomplete
from workflow.actions.surveys import Version, load_survey


class Command(BaseCommand):
    """A version of the sustainability survey from a file of questions. It is loaded whole, or nothing of it is."""

    help = (
        "Loads a version of the reintegration sustainability survey from a CSV file, or a JSON file with a list of "
        "objects. Columns: code, dimension, scale, weight, composite_weight, counts_in, en, fr, es. Earlier versions "
        "and what was answered by them stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and what is said of the version."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--number", type=int, required=True)
        parser.add_argument("--from", dest="in_force_from", type=date.fromisoformat, required=True)
        parser.add_argument("--source", required=True, help="where wording and weights come from")
        parser.add_argument("--demonstration", action="store_true", help="weights for demonstration only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or say everything that is wrong with it."""
        version = Version(
            options["number"], options["in_force_from"], options["source"], is_demonstration=options["demonstration"]
        )
        try:
            made = load_survey(version=version, rows=questions_in(options["file"]), at=clock.now())
        except Incomplete as refusal:
            raise CommandError("\n".join([str(refusal.what), *refusal.obstacles])) from refusal
        self.stdout.write(
            f"survey {made.number} with {made.question_count} questions is in force from {made.in_force_from}"
        )


def questions_in(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a file. Raises CommandError for one that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            rows = json.loads(text)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise CommandError("The file is not a list of questions; nothing was loaded.")
            return rows
        return list(csv.DictReader(text.splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise CommandError(f"The file cannot be read; nothing was loaded: {error}") from error
