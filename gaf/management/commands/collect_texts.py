"""Writes the catalogues anew from what code and templates say; what was translated is kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaf.texts import catalogue_of, collect, missing_in


class Command(BaseCommand):
    """`manage.py collect_texts`, then translate what is empty; `--check` only says what is missing."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Look, or write."""
        parser.add_argument(
            "--check", action="store_true", help="Leave with 1 when a language that people read lacks a text."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Says for each language how many texts are not said in it yet."""
        if options["check"]:
            self._check()
            return
        for path in sorted(catalogue_of("en").parent.parent.parent.glob("*/LC_MESSAGES/django.po")):
            language = path.parent.parent.name
            self.stdout.write(f"{language}: {collect(language)} texts to translate")

    def _check(self) -> None:
        languages = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        missing = {language: missing_in(language) for language in languages}
        for language, texts in missing.items():
            for text in texts:
                self.stdout.write(f"{language}: {text}")
        if any(missing.values()):
            raise CommandError("Run manage.py collect_texts, and translate what is empty.")
