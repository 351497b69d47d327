"""The settings an installation reads from its environment, with what each means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from gaf.documents.markdown import code, page, section, table
from gaf.settings import base  # noqa: F401  # reading it names the settings every installation shares
from gaf.settings.database import from_environment
from gaf.settings.environment import KNOWN, Setting

INTRODUCTION = (
    "A real installation is told everything by environment variables; nothing secret stands in a file of the "
    "repository. The demo and the suite bring their own values and read none of the secrets below. "
    "`gaf.settings.production` refuses to start without `GAF_SECRET_KEY` and `GAF_SEALING_KEYS`, with keys that "
    "are short or plain, with `*` in `GAF_HOSTS`, with a live key of Stripe beside `STRIPE_API_BASE`, and with a "
    "shifted clock."
)
_COMMANDS = "These change how a command runs on a machine, not what the system does."
OF_THE_COMMANDS = (
    Setting("DJANGO_SETTINGS_MODULE", "gaf.settings.demo", "`gaf.settings.production` on a real installation."),
    Setting("GAF_NO_BOOTSTRAP", "", "`1`: `manage.py` builds no environment and runs in the one it is started in."),
    Setting("GAF_DEMO_PORT", "8000", "Port on which the demo's site listens."),
    Setting("CI", "", "Set: the test command fails when a part of the suite cannot run on this machine."),
)


def known() -> list[Setting]:
    """Every setting, in the order in which the settings name them, whichever database this process stands on."""
    with _as_on_postgresql():
        from_environment(Path(settings.BASE_DIR) / ".data" / "gaf.sqlite3")
    return list(KNOWN.values())


@contextmanager
def _as_on_postgresql() -> Iterator[None]:
    """The settings of PostgreSQL are named only where it is chosen; nothing is connected to."""
    before = os.environ.get("GAF_DATABASE_ENGINE")
    os.environ["GAF_DATABASE_ENGINE"] = "postgresql"
    try:
        yield
    finally:
        if before is None:
            del os.environ["GAF_DATABASE_ENGINE"]
        else:
            os.environ["GAF_DATABASE_ENGINE"] = before


def settings_list() -> str:
    """The document."""
    heads = ("Name", "When it is not set", "Meaning")
    return page(
        "Settings",
        INTRODUCTION,
        section("Of an installation", table(heads, [_row(one) for one in known()])),
        section("Of the commands", _COMMANDS, table(heads, [_row(one) for one in OF_THE_COMMANDS])),
    )


def _row(one: Setting) -> tuple[str, str, str]:
    default = one.default.removeprefix(f"{settings.BASE_DIR}/")
    return code(one.name), code(default) if default else "", one.meaning
