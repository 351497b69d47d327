"""F52: a pain.001 whose MsgId was used before is refused, by our own database and by the bank, and nothing is paid."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from finance.actions import files
from finance.actions.files import content_of, discard_file, prepare_file
from finance.models import Disbursement, PaymentFile
from gaf import clock
from gaf.outbox.outbox import drain
from tests.finance.builders import Fund, everything, usd
from tests.finance.raw_sql import refused_by, run

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def first(fund: Fund) -> PaymentFile:
    """A file that was signed by two and lies at the bank."""
    fund.commit(usd("1000.00"))
    fund.send_by_file(usd("300.00"), fund.payee())
    return PaymentFile.objects.get()


@pytest.fixture
def waiting(fund: Fund, first: PaymentFile) -> Disbursement:
    """Released since, and in no file yet."""
    row = fund.prepare(usd("200.00"), fund.payee())
    fund.release(row)
    return row


def in_the_folder() -> dict[str, bytes]:
    """What the bank can fetch."""
    return {path.name: path.read_bytes() for path in (Path(settings.GAF_BANK_FOLDER) / "in").glob("*.xml")}


class TestAFileWithARepeatedMessageId:
    def test_f52_is_refused_by_our_own_database_and_nothing_has_changed(self, fund, first, waiting, monkeypatch):
        monkeypatch.setattr(files, "issue", lambda prefix: first.message_id)
        before, folder = everything(), in_the_folder()

        with pytest.raises(IntegrityError), transaction.atomic():
            prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        drain()

        assert everything() == before
        assert in_the_folder() == folder
        assert fund.now(waiting).payment_file is None

    def test_f52_is_refused_after_the_first_was_discarded_too(self, fund, first, waiting, monkeypatch):
        thrown_away = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        discard_file(file_id=thrown_away.pk, reason="Wrong day.", actor=fund.divya, at=clock.now())
        monkeypatch.setattr(files, "issue", lambda prefix: thrown_away.message_id)
        before = everything()

        with pytest.raises(IntegrityError), transaction.atomic():
            prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())

        assert everything() == before

    def test_f52_cannot_be_made_of_another_one_by_hand(self, fund, first, waiting):
        other = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())

        with refused_by("FILE-01|unique|UNIQUE"):
            run("UPDATE finance_paymentfile SET message_id = %s WHERE id = %s", first.message_id, other.pk)

    def test_f52_is_refused_by_the_bank_under_another_name(self, fund, first):
        bank = fund.bank()
        assert [one.outcome for one in bank.receive(clock.now())] == ["ACCEPTED"]
        again = Path(settings.GAF_BANK_FOLDER) / "in" / "again.xml"
        again.write_bytes(content_of(first))

        (told,) = fund.bank().receive(clock.now())

        assert (told.message, told.outcome, told.reason, told.booked) == (first.message_id, "DUPLICATE", "AM05", 0)

    def test_f52_is_refused_by_the_bank_with_other_orders_in_it(self, fund, first, waiting):
        fund.bank().receive(clock.now())
        other = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        forged = content_of(other).replace(other.message_id.encode(), first.message_id.encode())
        (Path(settings.GAF_BANK_FOLDER) / "in" / "forged.xml").write_bytes(forged)

        (told,) = fund.bank().receive(clock.now())

        assert (told.message, told.outcome, told.reason, told.booked) == (first.message_id, "DUPLICATE", "AM05", 0)
