"""`python -m tests.proof nightly|replaying|hunting …`: one process of the proof, on the suite's own settings."""

from __future__ import annotations

import os
import sys
from importlib import import_module

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "gaf.settings.test"
    import django

    django.setup()
    name = sys.argv.pop(1)
    sys.exit(import_module(f"tests.proof.{name}").main())
