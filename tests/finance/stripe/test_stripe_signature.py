"""A message that claims to come from Stripe is believed only with a fresh signature by one of our secrets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from finance.gateways.stripe_events import read_event
from finance.gateways.stripe_signature import Finding, Verdict, sign, verify

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BODY = '{"id": "evt_1", "object": "event", "type": "payout.paid"}'
OLD, NEW = "whsec_old", "whsec_new"


class TestASignedMessage:
    def test_is_genuine_when_fresh_and_signed_with_our_secret(self):
        assert verify(BODY.encode(), sign(BODY, NEW, NOON), [NEW], NOON) == Verdict(Finding.GENUINE, NOON, 0)

    @pytest.mark.parametrize(
        ("seconds", "finding"),
        [
            (-301, Finding.TOO_OLD),
            (-300, Finding.GENUINE),
            (300, Finding.GENUINE),
            (301, Finding.FROM_THE_FUTURE),
            (-86400, Finding.TOO_OLD),
            (86400, Finding.FROM_THE_FUTURE),
        ],
    )
    def test_is_believed_for_five_minutes_either_way(self, seconds, finding):
        header = sign(BODY, NEW, NOON + timedelta(seconds=seconds))

        assert verify(BODY.encode(), header, [NEW], NOON).finding is finding

    @pytest.mark.parametrize(("secret", "used"), [(NEW, 0), (OLD, 1)])
    def test_is_believed_with_either_secret_while_one_is_changed(self, secret, used):
        assert verify(BODY.encode(), sign(BODY, secret, NOON), [NEW, OLD], NOON).secret_used == used

    def test_is_refused_with_the_old_secret_once_it_is_withdrawn(self):
        verdict = verify(BODY.encode(), sign(BODY, OLD, NOON), [NEW], NOON)

        assert verdict.finding is Finding.NOT_SIGNED_BY_STRIPE

    def test_is_believed_when_one_of_two_signatures_fits(self):
        header = sign(BODY, OLD, NOON) + "," + sign(BODY, NEW, NOON).split(",")[1]

        assert verify(BODY.encode(), header, [NEW], NOON).is_genuine


class TestAForgedMessage:
    @pytest.mark.parametrize("place", [0, 10, len(BODY) - 1])
    def test_is_refused_when_one_byte_differs(self, place):
        body = bytearray(BODY.encode())
        body[place] ^= 1

        assert verify(bytes(body), sign(BODY, NEW, NOON), [NEW], NOON).finding is Finding.NOT_SIGNED_BY_STRIPE

    def test_is_refused_with_another_time_under_the_signature(self):
        stale = sign(BODY, NEW, NOON - timedelta(hours=1))
        header = f"t={int(NOON.timestamp())}," + stale.split(",")[1]

        assert verify(BODY.encode(), header, [NEW], NOON).finding is Finding.NOT_SIGNED_BY_STRIPE

    def test_is_judged_by_the_time_that_is_signed_when_two_are_named(self):
        stale = sign(BODY, NEW, NOON - timedelta(hours=1))

        assert verify(BODY.encode(), f"{stale},t={int(NOON.timestamp())}", [NEW], NOON).finding is Finding.TOO_OLD

    @pytest.mark.parametrize("secrets", [[], [""], ["", "  \t"]])
    def test_is_refused_when_no_secret_is_set(self, secrets):
        assert verify(BODY.encode(), sign(BODY, NEW, NOON), secrets, NOON).finding is Finding.NO_SECRET

    def test_is_refused_when_signed_with_an_empty_secret(self):
        assert not verify(BODY.encode(), sign(BODY, "", NOON), ["", NEW], NOON).is_genuine

    @pytest.mark.parametrize(
        ("header", "finding"),
        [
            ("", Finding.NO_HEADER),
            ("nonsense", Finding.UNREADABLE),
            ("t=noon,v1=ab", Finding.UNREADABLE),
            ("t=99999999999999999999,v1=ab", Finding.UNREADABLE),
            (f"t={int(NOON.timestamp())}", Finding.NOT_SIGNED_BY_STRIPE),
            (f"t={int(NOON.timestamp())},v0=ab", Finding.NOT_SIGNED_BY_STRIPE),
            (f"t={int(NOON.timestamp())},v1=é", Finding.NOT_SIGNED_BY_STRIPE),
            (f"t={int(NOON.timestamp())},v1", Finding.NOT_SIGNED_BY_STRIPE),
        ],
    )
    def test_is_refused_with_a_wrong_header(self, header, finding):
        assert verify(BODY.encode(), header, [NEW], NOON).finding is finding

    def test_is_refused_when_its_bytes_are_no_text(self):
        assert verify(b"\xff\xfe", sign(BODY, NEW, NOON), [NEW], NOON).finding is Finding.NOT_SIGNED_BY_STRIPE


class TestReadingWhatAMessageNames:
    def test_takes_ids_and_kinds_and_nothing_it_claims(self):
        event = read_event(
            b'{"id": "evt_1", "object": "event", "type": "payout.paid", "account": "acct_1", "livemode": true,'
            b' "created": 1795435200, "data": {"object": {"id": "po_1", "object": "payout", "status": "paid"}}}'
        )

        assert (event.id, event.type, event.object_kind, event.object_ref) == ("evt_1", "payout.paid", "payout", "po_1")
        assert (event.account, event.is_live, event.is_thin, event.created) == ("acct_1", True, False, NOON)
        assert event.is_about_payments

    def test_knows_a_thin_event_by_its_kind(self):
        event = read_event(
            b'{"id": "evt_2", "object": "v2.core.event", "type": "v2.core.account.updated", "context": "acct_1",'
            b' "created": "2026-11-23T12:00:00.000Z", "related_object": {"id": "acct_1", "type": "v2.core.account"}}'
        )

        assert (event.is_thin, event.object_kind, event.created) == (True, "v2.core.account", NOON)
        assert not event.is_about_payments

    def test_survives_kinds_and_fields_it_has_never_seen(self):
        event = read_event(
            b'{"id": "evt_3", "object": "event", "type": "moon.risen", "data": {"object": [1]}, "created": {}}'
        )

        assert (event.type, event.object_ref, event.created) == ("moon.risen", "", None)

    @pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"object": "event"}', b'{"id": "x"}', b"[" * 100_000])
    def test_is_nothing_for_what_is_no_event(self, body):
        assert read_event(body) is None
