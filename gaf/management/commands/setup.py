"""`manage.py setup`: a real installation, from a plan in a TOML file; it can be run again to add what is missing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.urls import reverse

from cms.content import load_content
from gaf import clock
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.roles import Role
from gaf.installation.checks import faults_of
from gaf.installation.install import install, person
from gaf.installation.plan import Plan
from gaf.refusals import Refusal


class Command(BaseCommand):
    """First administrator, missions, roles, bank accounts, streams, rates, separation rules, guidance."""

    help = "Sets up a real installation from a plan (fixtures/installation.example.toml shows one)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--from` names the plan; `--check` only reads it."""
        parser.add_argument("--from", dest="plan", required=True, type=Path, help="The plan, a TOML file.")
        parser.add_argument("--check", action="store_true", help="Say what is wrong with the plan and end.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carries out the plan; says what was made and how the administrator sets a password."""
        plan = self._read(options["plan"])
        if options["check"]:
            self.stdout.write("The plan can be carried out.")
            return
        if getattr(settings, "DEMO", False):
            raise CommandError("These are the demo's settings. Set DJANGO_SETTINGS_MODULE=gaf.settings.production.")
        _make_room()
        call_command("migrate", verbosity=0, interactive=False)
        try:
            install(plan)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        load_content(person(plan.signer("criteria")), clock.now())
        self._say(plan)

    def _read(self, path: Path) -> Plan:
        try:
            plan = Plan.read(path)
        except (OSError, tomllib.TOMLDecodeError) as fault:
            raise CommandError(f"The plan {path} cannot be read: {fault}") from fault
        faults = faults_of(plan)
        if faults:
            raise CommandError("The plan cannot be carried out:\n" + "\n".join(f"- {fault}" for fault in faults))
        return plan

    def _say(self, plan: Plan) -> None:
        for section in ("people", "accounts", "streams", "receipts", "rates"):
            self.stdout.write(f"{section}: {len(plan.rows(section))}")
        administrators = RoleAssignment.objects.filter(role=Role.SYSTEM_ADMINISTRATOR).select_related("person")
        for assignment in administrators:
            if not assignment.person.has_usable_password():
                self.stdout.write(f"{assignment.person.email} sets a password once at:\n{_link(assignment.person)}")
        self.stdout.write("Everybody else sets one through “Forgotten your password?” on the sign-in page.")


def _make_room() -> None:
    """The folders an SQLite database and the private files stand in, on a machine that has neither yet."""
    if connection.vendor == "sqlite":
        Path(str(connection.settings_dict["NAME"])).parent.mkdir(parents=True, exist_ok=True)
    Path(settings.GAF_PRIVATE_FILES).mkdir(parents=True, exist_ok=True)


def _link(administrator: User) -> str:
    """The address at which the administrator sets a first password; it works once."""
    key = default_token_generator.make_token(administrator)
    parts = {"uidb36": user_pk_to_url_str(administrator), "key": key}
    return settings.GAF_SITE_ADDRESS + reverse("account_reset_password_from_key", kwargs=parts)
