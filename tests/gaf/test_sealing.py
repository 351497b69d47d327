"""Sealed text: readable under its owner's key, bound to its owner, gone with the key."""

from base64 import b64decode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf.sealing import Unreadable, fingerprint, keys_at_hand, seal, unseal, unseal_all
from gaf.vault.models import SealKey

pytestmark = [pytest.mark.both, pytest.mark.django_db]
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
        SealKey.objects.get(owner="C-TEST").delete()

        with pytest.raises(Unreadable, match="SEAL-01"):
            unseal(sealed)
        assert unseal_all([sealed, ""]) == ["(cannot be read any more)", ""]

    @pytest.mark.parametrize("broken", ["x", "s1:C-TEST:AAAA", "s2:C-TEST:AAAA", "s1:nobody:AAAA"])
    def test_that_was_broken_is_a_clear_refusal(self, broken):
        seal("C-TEST", TEXT)

        with pytest.raises(Unreadable, match="SEAL-01"):
            unseal(broken)

    def test_of_many_rows_asks_for_the_keys_once(self):
        sealed = [seal(f"C-{number % 3}", TEXT) for number in range(9)]

        with keys_at_hand(), CaptureQueriesContext(connection) as queries:
            assert unseal_all(sealed) == [TEXT] * 9
            assert unseal(sealed[0]) == TEXT

        assert len(queries) == 1


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
        SealKey.objects.all().delete()
        settings.GAF_SEALING_KEYS = "other:" + "42" * 32

        assert fingerprint("CH6309000000250097798") != before

    def test_has_a_key_that_no_copy_of_the_database_holds_in_the_clear(self):
        fingerprint("CH6309000000250097798")

        row = SealKey.objects.get(owner="fingerprint")

        assert row.wrapped_by == "test"
        assert len(b64decode(row.wrapped)) == 12 + 32 + 16
