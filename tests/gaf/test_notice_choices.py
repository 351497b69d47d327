"""Mails come at once, once a day in one, or not; what is urgent always comes, and the page keeps everything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from gaf import clock
from gaf.accounts.models import Notice, NoticeChoice
from gaf.notice_kinds import KINDS
from gaf.notices import choose, send_the_mails_of_the_day, tell
from gaf.outbox.outbox import drain
from gaf.privacy.models import StrictCase
from tests.cast import people, person
from tests.workflow.conftest import MORNING, house  # noqa: F401
from tests.workflow.pages.headquarters.visits import signed_in, text_of

pytestmark = pytest.mark.usefixtures("house")


def told(name: str, notice: str, number: int = 1) -> list[str]:
    """Subjects of the mails that leave when this person is told of an event now."""
    mail.outbox.clear()
    reference = f"GAF-2026-{number:05d}"
    with transaction.atomic():
        tell([person(name)], notice, reference=reference, path=f"/requests/{reference}/", key=f"{reference}:1")
    drain()
    return [one.subject for one in mail.outbox]


def mails_of_the_day(**later: float) -> int:
    """How many people get the mail of the day so much later."""
    mail.outbox.clear()
    with clock.at(MORNING + timedelta(**later)):
        return send_the_mails_of_the_day()


class TestAPersonsWish:
    def test_is_at_once_where_nothing_was_chosen(self):
        assert told("Chen", "budget_to_approve") == ["GAF-2026-00001: budget to approve"]

    def test_of_no_mail_keeps_the_notice_on_the_page(self):
        choose(person("Chen"), {"work": "NEVER"})

        assert told("Chen", "budget_to_approve") == []
        assert mails_of_the_day(days=2) == 0
        assert "GAF-2026-00001: budget to approve" in text_of(signed_in("Chen").get("/notices/"))

    def test_does_not_reach_what_is_urgent(self):
        choose(person("Gloria"), {"work": "NEVER", "urgent": "NEVER"})

        assert len(told("Gloria", "urgent_help_asked")) == 1

    def test_of_one_kind_leaves_the_others(self):
        choose(person("Chen"), {"work": "NEVER"})

        assert len(told("Chen", "question_answered")) == 1


class TestTheMailOfTheDay:
    def test_comes_once_after_seven_with_everything_in_it_by_number_and_link(self):
        choose(person("Chen"), {"work": "DAILY"})
        assert told("Chen", "budget_to_approve", 1) + told("Chen", "budget_to_approve", 2) == []

        assert mails_of_the_day(hours=3) == 0
        assert mails_of_the_day(hours=23) == 1
        assert mail.outbox[0].subject == "2 notices of the day"
        assert "/requests/GAF-2026-00002/" in mail.outbox[0].body
        assert mails_of_the_day(hours=47) == 0

    def test_is_one_after_a_long_silence(self):
        choose(person("Chen"), {"work": "DAILY"})
        for number in range(1, 4):
            told("Chen", "budget_to_approve", number)

        assert mails_of_the_day(days=20) == 1
        assert len(mail.outbox) == 1

    def test_is_in_the_readers_language(self):
        people("Amina")
        amina = person("Amina")
        amina.language = "fr"
        amina.save()
        choose(amina, {"decisions": "DAILY"})
        told("Amina", "eligible")
        mails_of_the_day(hours=23)

        assert mail.outbox[0].subject == "1 avis du jour"


class TestARequestThatBecameStrict:
    def test_stands_neither_in_the_mail_of_the_day_nor_on_the_page_of_who_is_not_named(self):
        choose(person("Chen"), {"work": "DAILY"})
        told("Chen", "budget_to_approve", 1)
        told("Chen", "budget_to_approve", 2)
        StrictCase.objects.create(reference="GAF-2026-00001", made_by=person("Chen"), at=MORNING)

        assert mails_of_the_day(hours=23) == 1
        assert "GAF-2026-00001" not in mail.outbox[0].body
        assert "GAF-2026-00002" in mail.outbox[0].body
        assert "GAF-2026-00001" not in text_of(signed_in("Chen").get("/notices/"))


class TestTheKinds:
    def test_hold_each_notice_once(self):
        every = [notice for kind in KINDS for notice in kind.notices]

        assert len(every) == len(set(every))


class TestThePage:
    def test_keeps_the_choice(self):
        chosen = {kind.code: "DAILY" for kind in KINDS if not kind.always}
        page = text_of(signed_in("Chen").post("/notices/?save=1", chosen, follow=True))

        assert "Your choice of mails is kept." in page
        assert set(NoticeChoice.objects.values_list("wish", flat=True)) == {"DAILY"}

    @pytest.mark.parametrize(
        ("name", "notice", "hour"), [("Amina", "request_returned", "Niamey"), ("Chen", "budget_to_approve", "Geneva")]
    )
    def test_tells_the_hour_where_its_reader_works(self, name, notice, hour):
        told(name, notice)

        assert f" {hour}" in text_of(signed_in(name).get("/notices/"))

    def test_refuses_what_is_no_choice(self):
        answer = signed_in("Chen").post("/notices/?save=1", {"work": "SOMETIMES"})

        assert answer.status_code == 422
        assert NoticeChoice.objects.count() == 0

    def test_shows_nobody_the_notices_of_another(self):
        told("Chen", "budget_to_approve")

        assert "GAF-2026-00001" not in text_of(signed_in("Ines").get("/notices/"))
        assert Notice.objects.count() == 1
