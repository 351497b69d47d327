"""Sealed text: readable under its owner's key, bound to its owner, gone with the key."""

from base64 import b64decode
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf.sealing import Unreadable, destroy_key, fingerprint, keys_at_hand, seal, unseal, unseal_all, wrap_anew
from gaf.vault import store

pytestmark = [pytest.mark.usefixtures("own_keys"), pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def own_keys(settings, tmp_path):
    """A key store of this test's own."""
    settings.GAF_KEY_FOLDER = tmp_path / "keys"


TEXT = "Elle dort à la gare."


class TestASealedText:
    def test_is_read_again_and_says_nothing_itself(self):
        sealed = seal("C-TEST", TEXT)

        assert unseal(sealed) == TEXT
        assert "gare" not in sealed

    def test_is_another_each_time(self):
        assert seal("C-TEST", TEXT) != seal("C-TEST", TEXT)

    def test_cannot_be_moved_to_another_case(self):
        sealed = seal("C-ONE", TEXT)
        seal("C-TWO", "Autre chose.")

        with pytest.raises(Unreadable, match="SEAL-01"):
            unseal(sealed.replace("C-ONE", "C-TWO"))

    def test_is_gone_with_its_key(self):
        sealed = seal("C-TEST", TEXT)
        destroy_key("C-TEST")

        with pytest.raises(Unreadable, match="SEAL-01"):
            unseal(sealed)
        assert unseal_all([sealed, ""]) == ["(cannot be read any more)", ""]

    @pytest.mark.parametrize("broken", ["x", "s1:C-TEST:AAAA", "s2:C-TEST:AAAA", "s1:nobody:AAAA"])
    def test_that_was_broken_is_a_clear_refusal(self, broken):
        seal("C-TEST", TEXT)

        with pytest.raises(Unreadable, match="SEAL-01"):
            unseal(broken)

    def test_of_many_rows_asks_the_database_for_nothing(self):
        sealed = [seal(f"C-{number % 3}", TEXT) for number in range(9)]

        with keys_at_hand(), CaptureQueriesContext(connection) as queries:
            assert unseal_all(sealed) == [TEXT] * 9
            assert unseal(sealed[0]) == TEXT

        assert len(queries) == 0


class TestAFingerprint:
    def test_is_the_same_for_the_same_account_however_it_is_written(self):
        assert fingerprint("ch63 0900 0000 2500 9779 8") == fingerprint("CH6309000000250097798")
        assert fingerprint("CH6309000000250097798") != fingerprint("CH6309000000250097799")

    def test_is_the_same_when_the_ring_has_a_new_first_key(self, settings):
        before = fingerprint("CH6309000000250097798")
        settings.GAF_SEALING_KEYS = "newer:" + "42" * 32 + "," + settings.GAF_SEALING_KEYS

        assert fingerprint("CH6309000000250097798") == before

    def test_says_nothing_to_who_has_another_ring(self, settings):
        before = fingerprint("CH6309000000250097798")
        destroy_key("fingerprint")
        settings.GAF_SEALING_KEYS = "other:" + "42" * 32

        assert fingerprint("CH6309000000250097798") != before

    def test_has_a_key_that_no_copy_of_the_database_holds_in_the_clear(self):
        fingerprint("CH6309000000250097798")

        row = store.get("fingerprint")

        assert row.wrapped_by == "test"
        assert len(b64decode(row.wrapped)) == 12 + 32 + 16


class TestTheKeyStore:
    def test_is_for_nobody_else_on_the_machine(self, settings):
        seal("C-TEST", TEXT)

        (key,) = settings.GAF_KEY_FOLDER.iterdir()
        assert (settings.GAF_KEY_FOLDER.stat().st_mode & 0o777, key.stat().st_mode & 0o777) == (0o700, 0o600)

    def test_gives_two_who_seal_at_once_the_same_key(self):
        first = store.get_or_put(store.WrappedKey("C-TEST", "one", "test"))
        second = store.get_or_put(store.WrappedKey("C-TEST", "two", "test"))

        assert first == second == store.get("C-TEST")

    def test_takes_any_name_and_leads_nowhere_else(self, settings):
        seal("../../etc/passwd", TEXT)

        assert list(store.owners()) == ["../../etc/passwd"]
        assert [path.parent for path in settings.GAF_KEY_FOLDER.iterdir()] == [settings.GAF_KEY_FOLDER]

    def test_forgets_a_key_for_good(self, settings):
        seal("C-TEST", TEXT)

        assert destroy_key("C-TEST")
        assert not destroy_key("C-TEST")
        assert list(settings.GAF_KEY_FOLDER.iterdir()) == []


class TestWrappingAnew:
    def test_puts_every_key_under_the_first_of_the_ring_and_texts_stay_as_they_are(self, settings):
        old = settings.GAF_SEALING_KEYS
        sealed, number = [seal(f"C-{place}", TEXT) for place in range(5)], fingerprint("CH63")
        settings.GAF_SEALING_KEYS = "newer:" + "42" * 32 + "," + old

        assert wrap_anew() == (6, [])
        assert wrap_anew() == (0, [])

        settings.GAF_SEALING_KEYS = "newer:" + "42" * 32
        assert unseal_all(sealed) == [TEXT] * 5
        assert fingerprint("CH63") == number

    def test_names_the_keys_that_do_not_open(self, settings):
        seal("C-OLD", TEXT)
        settings.GAF_SEALING_KEYS = "newer:" + "42" * 32

        assert wrap_anew() == (0, ["C-OLD"])
        assert store.get("C-OLD").wrapped_by == "test"

    def test_is_a_command_that_ends_badly_while_a_key_does_not_open(self, settings):
        seal("C-OLD", TEXT)
        old, said = settings.GAF_SEALING_KEYS, StringIO()
        settings.GAF_SEALING_KEYS = "newer:" + "42" * 32
        with pytest.raises(CommandError, match="C-OLD"):
            call_command("wrap_keys", stdout=said)

        settings.GAF_SEALING_KEYS += "," + old
        call_command("wrap_keys", stdout=said)

        assert said.getvalue() == "0 keys are wrapped anew\n1 keys are wrapped anew\n"


class TestKeysThatStoodInTheDatabase:
    def test_move_into_the_store_and_open_what_they_sealed(self):
        sealed = seal("C-OLD", TEXT)
        held = store.get("C-OLD")
        destroy_key("C-OLD")
        rows = SimpleNamespace(objects=SimpleNamespace(order_by=lambda _field: [held]))
        moving = import_module("gaf.vault.migrations.0002_keys_leave_the_database")

        moving.to_the_store(SimpleNamespace(get_model=lambda *_names: rows), None)

        assert unseal(sealed) == TEXT
