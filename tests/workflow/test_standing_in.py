"""Somebody who is away hands over to deputies: limited, ending by itself, and never around separation of duties."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import HandOver
from gaf.accounts.queries import delegation_for, forget_roles, holds
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.decisions.record import chain_hash
from gaf.money import Money
from gaf.outbox.outbox import drain
from gaf.refusals import NotPermitted, Refusal
from gaf.standing_in import hand_over, possible_deputies, take_back
from tests import stories
from tests.cast import criteria, mission, people, person, somebody
from tests.stories import by, now
from tests.workflow.conftest import MORNING
from tests.workflow.pages.headquarters.visits import signed_in, text_of, visit
from workflow.actions import closing, eligibility, endorsement
from workflow.actions.reminding import remind
from workflow.models import AssistanceRequest
from workflow.standing_in import handed_requests

TODAY = MORNING.date()
FRIDAY = date(2026, 10, 23)
COSTLY = ("SHEL", "Rooms for a month", "person-night", "30", "300.00", "USD")

pytestmark = pytest.mark.usefixtures("house")


def away(name: str, role: Role, *deputies: str, up_to: Money | None = None, until: date = FRIDAY) -> list[HandOver]:
    """This person is away from today on."""
    chosen = [person(deputy) for deputy in deputies]
    return hand_over(
        role=role, deputies=chosen, starts_on=TODAY, ends_on=until, up_to=up_to, actor=person(name), at=clock.now()
    )


def once_more(made: AssistanceRequest) -> None:
    """The mission asks for the one review of a declined budget."""
    closing.reopen(request_id=made.pk, reason_code="NEW_FACTS", reason="Once more.", **by("Idriss"))


class TestHandingOver:
    def test_gives_the_deputy_the_role_until_the_last_day_and_no_longer(self):
        people("Idriss", "Moussa")
        away("Idriss", Role.HEAD_OF_UNIT, "Moussa")

        assert holds(person("Moussa"), Role.HEAD_OF_UNIT, {mission("NE").pk})
        with clock.at(MORNING + timedelta(days=4)):
            assert not holds(person("Moussa"), Role.HEAD_OF_UNIT)

    def test_ends_when_the_person_is_back(self):
        away("Chen", Role.BUDGET_APPROVER, "Ines")
        assert take_back(actor=person("Chen"), at=clock.now()) == 1

        assert delegation_for(person("Ines"), Money.of("9000.00", "USD")) is None
        with pytest.raises(Refusal, match="DEPUTY-10"):
            take_back(actor=person("Chen"), at=clock.now())

    def test_tells_the_deputy_by_number_and_link(self):
        row = away("Chen", Role.BUDGET_APPROVER, "Ines")[0]
        drain()

        assert [(one.to, one.subject) for one in mail.outbox] == [
            (["ines@gaf.example"], f"{row.key}: you stand in for somebody")
        ]
        assert mail.outbox[0].body.strip().endswith("/out-of-office/")

    def test_is_kept_as_a_decision(self):
        row = away("Chen", Role.BUDGET_APPROVER, "Ines", up_to=Money.of("9000.00", "USD"))[0]

        kept = Decision.objects.get(act="hand_over")
        assert (kept.subject, kept.actor, kept.to_state) == (row.key, person("Chen"), "HANDED_OVER")
        assert kept.facts["up_to_minor"] == 900_000

    def test_of_a_day_that_is_over_is_refused(self):
        self.is_refused("DEPUTY-06", starts_on=TODAY - timedelta(days=1))

    def test_without_an_end_in_sight_is_refused(self):
        self.is_refused("DEPUTY-07", ends_on=TODAY + timedelta(days=60))
        self.is_refused("DEPUTY-07", ends_on=TODAY - timedelta(days=1))

    def test_of_a_role_of_somebody_else_is_refused(self):
        away("Idriss", Role.HEAD_OF_UNIT, "Moussa")
        self.is_refused("DEPUTY-04", role=Role.HEAD_OF_UNIT, actor=person("Moussa"), deputies=[person("Nour")])

    def test_to_somebody_whose_roles_do_not_go_together_is_refused(self):
        self.is_refused("DEPUTY-03", deputies=[person("Divya")])

    def test_twice_to_one_person_is_refused(self):
        self.is_refused("DEPUTY-08", deputies=[person("Ines"), person("Ines")])

    def test_twice_for_the_same_days_is_refused(self):
        away("Chen", Role.BUDGET_APPROVER, "Ines")
        self.is_refused("DEPUTY-09", deputies=[person("Helena")])

    def is_refused(self, code: str, **changed: object) -> None:
        said = {
            "role": Role.BUDGET_APPROVER,
            "deputies": [person("Ines")],
            "starts_on": TODAY,
            "ends_on": FRIDAY,
            "actor": person("Chen"),
            "at": clock.now(),
        }
        before = HandOver.objects.count()
        with pytest.raises(Refusal, match=code):
            hand_over(**(said | changed))
        assert HandOver.objects.count() == before

    def test_offers_only_people_of_the_same_place(self):
        people("Idriss", "Moussa", "Amina", "Fadi", "Bruno")

        assert possible_deputies(person("Idriss"), Role.HEAD_OF_UNIT) == [person("Moussa")]


@pytest.mark.both
class TestTheDatabase:
    def row(self, name: str, role: Role, deputy: str, **days: date) -> HandOver:
        days = {"starts_on": TODAY, "ends_on": FRIDAY} | days
        with transaction.atomic():
            return HandOver.objects.create(
                key="OUT-1", person=person(name), role=role, deputy=person(deputy), place=1, **days
            )

    def test_holds_that_roles_go_together(self):
        with pytest.raises(IntegrityError, match="DEPUTY-03"):
            self.row("Chen", Role.BUDGET_APPROVER, "Divya")

    def test_holds_that_it_is_ones_own_role(self):
        with pytest.raises(IntegrityError, match="DEPUTY-04"):
            self.row("Chen", Role.FUND_MANAGER, "Ines")

    def test_holds_that_nobody_is_their_own_deputy_and_that_it_ends(self):
        with pytest.raises(IntegrityError):
            self.row("Chen", Role.BUDGET_APPROVER, "Chen")
        with pytest.raises(IntegrityError):
            self.row("Chen", Role.BUDGET_APPROVER, "Ines", ends_on=TODAY - timedelta(days=1))

    def test_lets_it_be_taken_back_once_and_changed_never(self):
        row = self.row("Chen", Role.BUDGET_APPROVER, "Ines")
        for change in ({"ends_on": FRIDAY + timedelta(days=9)}, {"up_to_minor": 5}):
            with pytest.raises(IntegrityError, match="DEPUTY-05"), transaction.atomic():
                HandOver.objects.filter(pk=row.pk).update(**change)
        HandOver.objects.filter(pk=row.pk).update(taken_back_at=clock.now())
        with pytest.raises(IntegrityError, match="DEPUTY-05"), transaction.atomic():
            HandOver.objects.filter(pk=row.pk).update(taken_back_at=None)

    def test_counts_a_deputys_decision_as_one_of_both(self):
        made = stories.an_endorsed_request()
        with pytest.raises(IntegrityError, match="SOD-00"), transaction.atomic():
            Decision.objects.create(**self.next_decision(made, "take", "Bruno", on_behalf_of=person("Idriss")))

    def next_decision(self, made: object, act: str, name: str, **more: object) -> dict[str, object]:
        last = Decision.objects.order_by("-number").first()
        return {
            "number": last.number + 1,
            "previous_hash": last.hash,
            "hash": "x",
            "facts_hash": "x",
            "at": clock.now(),
            "actor": person(name),
            "role": "any",
            "act": act,
            "subject": made.reference,
            "reference": made.reference,
            "from_state": made.state,
            "to_state": made.state,
            **more,
        }


class TestADeputyOfAnApprover:
    def test_approves_within_the_others_delegation_and_the_decision_says_for_whom(self):
        people("Chen", "Ines")
        made = stories.a_budget_to_approve(lines=[COSTLY])
        with pytest.raises(NotPermitted, match="DOA-01"):
            stories.approve(made, approver="Ines")
        away("Chen", Role.BUDGET_APPROVER, "Ines")
        stories.approve(made, approver="Ines")

        kept = stories.last_decision(made)
        assert (kept.actor, kept.on_behalf_of, kept.delegation.person) == (
            person("Ines"),
            person("Chen"),
            person("Chen"),
        )
        assert kept.hash == chain_hash(kept)
        assert "Ines for Chen" in text_of(visit("Omar", made))

    def test_decides_in_ones_own_right_what_the_own_delegation_covers(self):
        people("Chen", "Ines")
        away("Chen", Role.BUDGET_APPROVER, "Ines")
        made = stories.approve(stories.a_budget_to_approve(), approver="Ines")

        assert stories.last_decision(made).on_behalf_of is None

    def test_is_held_to_what_was_handed_over(self):
        people("Chen", "Ines")
        away("Chen", Role.BUDGET_APPROVER, "Ines", up_to=Money.of("6000.00", "USD"))
        made = stories.a_budget_to_approve(lines=[COSTLY])

        with pytest.raises(NotPermitted, match="DOA-01"):
            stories.approve(made, approver="Ines")
        assert now(made).state == "BUDGET_REVIEW"

    def test_does_nothing_that_the_person_who_is_away_may_not_do(self):
        people("Chen", "Ines")
        made = stories.decline(stories.a_budget_to_approve(lines=[COSTLY]), approver="Chen")
        once_more(made)
        away("Chen", Role.BUDGET_APPROVER, "Ines")

        with pytest.raises(NotPermitted, match="DEPUTY-01"):
            stories.approve(made, approver="Ines")
        assert now(made).state == "BUDGET_REVIEW"


class TestADeputyOfAReviewer:
    def test_decides_what_the_other_has_taken(self):
        people("Bruno", "Beatriz")
        made = stories.a_taken_request()
        stories.answer_all_criteria(made)
        with pytest.raises(NotPermitted, match="TAKE-01"):
            eligibility.confirm_eligibility(request_id=made.pk, **by("Beatriz"))
        away("Bruno", Role.ELIGIBILITY_REVIEWER, "Beatriz")
        eligibility.confirm_eligibility(request_id=made.pk, **by("Beatriz"))

        assert stories.last_decision(made).on_behalf_of == person("Bruno")

    def test_is_reminded_with_the_one_who_is_away(self):
        people("Bruno", "Beatriz", "Helena")
        stories.a_taken_request(priority="P2")
        away("Bruno", Role.ELIGIBILITY_REVIEWER, "Beatriz")
        drain()
        mail.outbox.clear()
        with clock.at(MORNING + timedelta(hours=72)):
            remind(MORNING + timedelta(hours=72))
            drain()

        assert {one.to[0] for one in mail.outbox} == {"bruno@gaf.example", "beatriz@gaf.example"}

    def test_who_served_in_the_mission_may_not_decide(self):
        made = stories.a_taken_request()
        served = somebody("Ousmane", Role.MISSION_FINANCE, "NE")
        served.assignments.update(ends_on=TODAY - timedelta(days=10))
        assign_role(person=served, role=Role.ELIGIBILITY_REVIEWER, mission=None, starts_on=TODAY - timedelta(days=9))
        hand_over(
            role=Role.ELIGIBILITY_REVIEWER,
            deputies=[served],
            starts_on=TODAY,
            ends_on=FRIDAY,
            actor=person("Bruno"),
            at=clock.now(),
        )
        forget_roles(served)

        with pytest.raises(NotPermitted, match="COI-02"):
            eligibility.confirm_eligibility(request_id=made.pk, actor=served, at=clock.now())


class TestADeputyOfAHeadOfUnit:
    def test_endorses_in_their_place(self):
        people("Idriss", "Moussa")
        away("Idriss", Role.HEAD_OF_UNIT, "Moussa")
        criteria()
        sent = stories.a_submitted_request()
        endorsement.endorse(request_id=sent.pk, **by("Moussa"))

        kept = stories.last_decision(sent)
        assert (kept.role, kept.on_behalf_of) == (Role.HEAD_OF_UNIT, person("Idriss"))


class TestWhoGetsWhat:
    def test_skips_a_deputy_who_worked_on_it_before_with_the_reason(self):
        people("Chen", "Ines", "Helena")
        made = stories.decline(stories.a_budget_to_approve(), approver="Ines")
        once_more(made)
        found = handed_requests(person("Chen"), Role.BUDGET_APPROVER, people("Ines", "Helena"))

        assert [(one.reference, one.goes_to) for one in found] == [(made.reference, person("Helena"))]
        assert [(skip.deputy, skip.why) for skip in found[0].skipped] == [(person("Ines"), "declined it before")]

    def test_leaves_what_is_above_the_limit_to_the_one_who_is_away(self):
        made = stories.a_budget_to_approve(lines=[COSTLY])
        found = handed_requests(person("Chen"), Role.BUDGET_APPROVER, people("Ines"), 600_000)

        assert [(one.reference, one.goes_to) for one in found] == [(made.reference, None)]
        assert "more than USD 6,000.00" in found[0].skipped[0].why


class TestThePage:
    def handed_over(self, **said: str) -> object:
        days = {"starts_on_0": "20", "starts_on_1": "10", "starts_on_2": "2026"}
        days |= {"ends_on_0": "23", "ends_on_1": "10", "ends_on_2": "2026"}
        chosen = {"role": "budget_approver", "deputy": str(person("Ines").pk)}
        return signed_in("Chen").post("/out-of-office/?save=1", {**days, **chosen, **said}, follow=True)

    def test_hands_over_with_a_deputy_and_two_days(self):
        people("Chen", "Ines", "Helena")
        page = text_of(self.handed_over())

        assert "You are out of office until 23 October 2026." in page
        assert "Ines, budget approver, from 20 October 2026 until 23 October 2026" in page

    def test_shows_who_gets_what_waits_and_why_a_deputy_is_skipped(self):
        people("Chen", "Ines", "Helena")
        made = stories.decline(stories.a_budget_to_approve(), approver="Ines")
        once_more(made)
        page = text_of(self.handed_over(second=str(person("Helena").pk)))

        assert f"{made.reference} Helena Ines: declined it before" in page

    def test_says_at_the_field_why_not(self):
        people("Chen", "Ines")
        answer = self.handed_over(ends_on_1="9")

        assert answer.status_code == 422
        assert "It needs a last day" in text_of(answer)
        assert HandOver.objects.count() == 0

    def test_takes_back_with_one_press(self):
        people("Chen", "Ines")
        self.handed_over()
        page = text_of(signed_in("Chen").post("/out-of-office/?save=1", {"back": "yes"}, follow=True))

        assert "You are back" in page
        assert HandOver.objects.get().taken_back_at is not None

    def test_tells_the_deputy_on_it_and_on_the_worklists(self):
        people("Chen", "Ines", "Bruno", "Beatriz")
        taken = stories.a_taken_request()
        self.handed_over()
        away("Bruno", Role.ELIGIBILITY_REVIEWER, "Beatriz")

        assert "You stand in for Chen, budget approver" in text_of(signed_in("Ines").get("/out-of-office/"))
        approvals = text_of(signed_in("Ines").get("/approvals/"))
        assert "You stand in for Chen." in approvals
        assert "up to USD 15,000.00 (ADM/2026/1, for Chen)" in approvals
        inbox = text_of(signed_in("Beatriz").get("/inbox/"))
        assert "For Bruno, to decide 1" in inbox
        assert taken.reference in inbox

    def test_marks_in_the_inbox_what_the_deputy_may_not_decide(self):
        people("Bruno", "Beatriz")
        made = stories.an_endorsed_request()
        eligibility.take(request_id=made.pk, **by("Beatriz"))
        eligibility.recuse(request_id=made.pk, reason="I know the landlord.", **by("Beatriz"))
        eligibility.take(request_id=made.pk, **by("Bruno"))
        away("Bruno", Role.ELIGIBILITY_REVIEWER, "Beatriz")

        inbox = text_of(signed_in("Beatriz").get("/inbox/"))
        assert "not for you: declared a conflict of interest on it" in inbox

    def test_costs_little_however_much_waits(self):
        people("Chen", "Ines", "Helena")
        self.handed_over()
        chen = signed_in("Chen")

        def cost() -> int:
            with CaptureQueriesContext(connection) as read:
                assert chen.get("/out-of-office/").status_code == 200
            return len(read)

        stories.a_budget_to_approve()
        cost()
        little = cost()
        for _more in range(4):
            stories.a_budget_to_approve()
        assert cost() == little <= 20
