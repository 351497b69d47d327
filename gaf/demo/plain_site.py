"""The yardstick as a site of its own, as Django is set up when nothing is said: for `manage.py measure --served`."""

from __future__ import annotations

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test.utils import override_settings


def application() -> WSGIHandler:
    """What a web server asks; nothing else can be asked of this process any more."""
    django.setup()
    from gaf.demo import plain_page  # its models can be read only now

    override_settings(**plain_page.SETTINGS).enable()
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    return WSGIHandler()
