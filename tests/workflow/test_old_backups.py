"""T48: whoever has a copy of database and files reads no case, and after a key is destroyed nobody does, ever."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from gaf.sealing import Unreadable, destroy_key, unseal
from gaf.vault import store
from tests import stories
from tests.workflow.test_documents import add

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]

SITUATION = "Left without shelter after an escape."
SEALED = re.compile(r"s1:(?P<owner>[^:'\"\s]+):[A-Za-z0-9+/=]+")


def a_backup() -> str:
    """Every row of every table and every stored file, as a copy taken tonight would hold them."""
    held = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            held += [repr(row) for row in cursor.fetchall()]
    files = [path for path in Path(settings.GAF_PRIVATE_FILES).rglob("*") if path.is_file()]
    return "\n".join([*held, *(path.read_bytes().decode("utf-8", "replace") for path in files)])


def texts_of(owner: str, backup: str) -> list[str]:
    return [found[0] for found in SEALED.finditer(backup) if found["owner"] == owner]


class TestABackup:
    def test_holds_neither_the_text_of_a_case_nor_any_key(self):
        made = stories.a_taken_request()

        backup = a_backup()

        assert SITUATION not in backup
        assert len(texts_of(made.case_id, backup)) >= 3
        for owner in store.owners():
            held = store.get(owner)
            assert held is not None
            assert held.wrapped not in backup

    def test_from_before_cannot_be_read_once_the_key_of_the_case_is_destroyed(self):
        made = stories.a_draft()
        add(made)
        sealed = texts_of(made.case_id, a_backup())
        assert SITUATION in [unseal(text) for text in sealed]

        destroy_key(made.case_id)

        read = []
        for text in sealed:
            try:
                read.append(unseal(text))
            except Unreadable:
                continue
        assert (len(sealed) >= 3, read) == (True, [])

    def test_leaves_every_other_case_readable(self):
        one, other = stories.a_taken_request(), stories.a_taken_request()
        sealed = texts_of(other.case_id, a_backup())

        destroy_key(one.case_id)

        assert SITUATION in [unseal(text) for text in sealed]
