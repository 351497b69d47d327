"""How the suite runs: on which database, with which browser, and how its tests are counted.

* no marker: SQLite only · `both`: SQLite and PostgreSQL · `postgres`: PostgreSQL only · `browser`: headless Chromium;
* `django_db` rolls back what a test did; `django_db(transaction=True)` really commits, and the database is replaced.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation

from gaf.catalogues import compile_stale

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page
    from pytest_django import DjangoDbBlocker

    from tests.template_database import TemplateDatabase

NOT_RUN = "NOT RUN: "
# The suite makes many short-lived objects and few cycles; looking for cycles all the time costs a tenth of it.
gc.set_threshold(200_000, 50, 100)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def pytest_configure() -> None:
    """Texts in other languages are compiled before anything reads them."""
    compile_stale()


# What runs, and what is said to be not run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what this machine cannot run; the last line of the test command counts it as NOT RUN."""
    for_everything = os.environ.get("GAF_TEST_NOT_RUN", "")
    on_sqlite = connections["default"].vendor == "sqlite"
    for item in items:
        if "pages" in item.path.parts:
            item.add_marker(pytest.mark.pages)
        if for_everything:
            item.add_marker(pytest.mark.skip(reason=NOT_RUN + for_everything))
        elif on_sqlite and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason=NOT_RUN + "python3 manage.py test --only postgresql"))
        elif item.get_closest_marker("browser") and not _chromium():
            item.add_marker(pytest.mark.skip(reason=NOT_RUN + "no Chromium here: apt-get install chromium"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Leave the counts where the test command reads them."""
    tally = os.environ.get("GAF_TEST_TALLY")
    if not tally:
        return
    reports = terminalreporter.stats
    skipped = reports.get("skipped", []) + reports.get("xfailed", [])
    not_run = [report for report in skipped if NOT_RUN in str(report.longrepr)]
    counts = {
        "passed": len(reports.get("passed", [])),
        "failed": len(reports.get("failed", [])) + len(reports.get("error", [])) + len(reports.get("xpassed", [])),
        "skipped": len(skipped) - len(not_run),
        "not_run": len(not_run),
    }
    Path(tally).write_text(json.dumps(counts))


# Databases


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """A page in another language leaves its language behind in this process; the next test begins in English."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def database_copy(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> TemplateDatabase:
    """This worker's own copy of the migrated database."""
    from tests.template_database import PostgreSQLTemplate, SQLiteTemplate

    if connections["default"].vendor == "postgresql":
        return PostgreSQLTemplate(f"gaf_{worker_id}")
    return SQLiteTemplate(str(tmp_path_factory.mktemp("database") / "gaf.sqlite3"))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, database_copy: TemplateDatabase
) -> Iterator[None]:
    """Takes the place of pytest-django's: a copy of the template instead of ten seconds of migrations per worker."""

    def replace_copy(test_case: TransactionTestCase) -> None:
        database_copy.replace_copy()

    with django_db_blocker.unblock():
        database_copy.lend_copy()
    with pytest.MonkeyPatch.context() as patch:
        # Django would empty every table here, which append-only tables refuse.
        patch.setattr(TransactionTestCase, "_fixture_teardown", replace_copy)
        yield
    with django_db_blocker.unblock():
        database_copy.take_back()


@pytest.fixture(scope="session", autouse=True)
def _pages_as_they_are(django_test_environment: None) -> None:
    """Take out Django's copy of every template's context: no specification reads it, and it costs a tenth of a page."""
    from django.template.base import Template
    from django.test.utils import _TestState

    Template._render = _TestState.saved_data.template_render


@pytest.fixture
def database_environment(transactional_db: None) -> dict[str, str]:
    """Environment of a second process that is to work on this test's database: for races, and for killing workers."""
    default = connections["default"].settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gaf.settings.test",
        "GAF_DATABASE_ENGINE": connections["default"].vendor,
        "GAF_DATABASE_NAME": str(default["NAME"]),
        "GAF_KEY_FOLDER": str(settings.GAF_KEY_FOLDER),
    }


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> Iterator[None]:
    """Caches hold rate limits and site addresses; none of them may outlive its test."""
    from tests.remembering import watch_from_here

    watch_from_here()
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()


# Browsers


def _chromium() -> str:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps a loop running in this thread, and Django would refuse its database for that.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium())
        yield chromium
        chromium.close()


@pytest.fixture
def new_context(browser: Browser, live_server) -> Iterator:
    """Opens a window with cookies of its own: `new_context(viewport=PHONE).new_page()`, then `page.goto("/…")`."""
    opened: list[BrowserContext] = []

    def open_context(**wishes) -> BrowserContext:
        wishes = {"viewport": DESKTOP, "base_url": live_server.url, "locale": "en-GB", **wishes}
        opened.append(browser.new_context(**wishes))
        return opened[-1]

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context) -> Page:
    """A desktop page: `page.goto("/sign-in/")`."""
    return new_context().new_page()


@pytest.fixture
def phone_page(new_context) -> Page:
    """The same on a small telephone."""
    return new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
