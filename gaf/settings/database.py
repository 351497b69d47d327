"""Which database an installation stands on, told by the environment."""

from __future__ import annotations

from pathlib import Path

from gaf.settings.base import sqlite
from gaf.settings.environment import setting


def from_environment(default_file: Path) -> dict[str, object]:
    """PostgreSQL when `GAF_DATABASE_ENGINE` says so, else the SQLite file."""
    engine = setting("GAF_DATABASE_ENGINE", "sqlite", "`sqlite` or `postgresql`.")
    name = setting("GAF_DATABASE_NAME", str(default_file), "Database name, or path of the SQLite file.")
    if engine == "sqlite":
        return sqlite(name)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "HOST": setting("GAF_DATABASE_HOST", "", "Host or socket folder of PostgreSQL."),
        "PORT": setting("GAF_DATABASE_PORT", "5432", "Port of PostgreSQL."),
        "USER": setting("GAF_DATABASE_USER", "", "PostgreSQL user."),
        "PASSWORD": setting("GAF_DATABASE_PASSWORD", "", "PostgreSQL password."),
        # A connection takes longer to make than most pages to answer, so that a worker keeps its own; one that died in
        # between (a restart) is noticed before it is used.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Compiling a question with many parts takes PostgreSQL ten times as long as answering it: at 20,000 requests
        # the page of what is overdue took 1.1 s, 0.9 of them for this.
        "OPTIONS": {"options": "-c jit=off"},
    }
