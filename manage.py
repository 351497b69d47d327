#!/usr/bin/env python3
"""Every command of the Fund's system starts here: `python3 manage.py demo`, `python3 manage.py test`."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  # the sentence must come before anything that older Pythons cannot read
    sys.exit(f"This needs Python 3.11 or newer; here runs Python {sys.version_info[0]}.{sys.version_info[1]}.")

from gaf.bootstrap import enter_locked_environment

OWN_SETTINGS = {"test": "gaf.settings.test", "demo": "gaf.settings.demo"}


def main() -> None:
    """Enter the locked environment, choose the settings, run the command."""
    enter_locked_environment(sys.argv)
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command in OWN_SETTINGS:  # the suite and the demo never touch another database, whatever the environment says
        os.environ["DJANGO_SETTINGS_MODULE"] = OWN_SETTINGS[command]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gaf.settings.demo")

    from django.core.management import execute_from_command_line

    from gaf.catalogues import compile_stale

    compile_stale()

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
