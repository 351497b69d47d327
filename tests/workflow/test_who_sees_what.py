"""Who sees which request, what waits for whom, and how little it costs to ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gaf import clock
from tests.cast import person
from tests.stories import (
    a_budget_to_approve,
    a_closed_request,
    a_deferred_request,
    a_draft,
    a_funded_request,
    a_reconciling_request,
    a_reporting_request,
    a_submitted_request,
    a_taken_request,
    an_approved_request,
    an_asked_request,
    an_eligible_request,
    an_endorsed_request,
    an_urgent_request,
    by,
    certify,
    lines_of,
    prepare,
    report,
    withdraw,
)
from workflow import queries, worklists
from workflow.actions.approval import LineDecision, approve_deferred_line
from workflow.navigation import entries
from workflow.possible_acts import possible_acts

pytestmark = pytest.mark.usefixtures("house")


def seen_by(name: str) -> set[int]:
    """Keys of the requests a person sees."""
    return set(queries.visible_to(person(name)).values_list("pk", flat=True))


class TestSight:
    def test_a_mission_sees_its_own_requests_and_those_it_helps_with(self):
        ours, theirs = a_draft(), a_draft(author="Rima", code="LB")
        shared = a_draft(others=["LB"])

        assert seen_by("Amina") == seen_by("Idriss") == seen_by("Moussa") == {ours.pk, shared.pk}
        assert seen_by("Rima") == {theirs.pk, shared.pk}
        assert seen_by("Sofía") == set()

    @pytest.mark.parametrize("name", ["Bruno", "Gloria", "Chen", "Marie", "Divya", "Esi", "Helena", "Viktor", "Nadia"])
    def test_headquarters_sees_what_was_sent_and_never_a_draft(self, name):
        a_draft()
        sent, ended = a_submitted_request(), withdraw(an_endorsed_request())
        withdraw(a_draft())

        assert seen_by(name) == {sent.pk, ended.pk}

    def test_headquarters_loses_sight_of_what_was_sent_back(self):
        from workflow.actions.intake import return_to_author

        sent = a_submitted_request()
        return_to_author(request_id=sent.pk, reason_code="OTHER", reason="Back.", **by("Idriss"))

        assert seen_by("Bruno") == set()

    def test_the_auditor_sees_all(self):
        draft, sent = a_draft(), a_submitted_request()

        assert seen_by("Omar") == {draft.pk, sent.pk}

    @pytest.mark.parametrize("name", ["Farid", "Tunde"])
    def test_editors_and_administrators_see_none(self, name):
        a_submitted_request()

        assert seen_by(name) == set()

    def test_who_has_left_sees_none(self):
        a_draft()
        amina = person("Amina")
        amina.is_active = False
        amina.save()

        assert seen_by("Amina") == set()

    def test_sealed_text_is_not_for_those_who_only_pay(self):
        assert queries.may_read_text(person("Bruno"))
        assert not queries.may_read_text(person("Divya"))
        assert not queries.may_read_text(person("Esi"))
        assert not queries.may_read_text(person("Omar"))


class TestWhatWaits:
    def test_for_the_mission(self):
        draft, sent = a_draft(), a_submitted_request()
        asked, eligible, urgent = an_asked_request(), an_eligible_request(), an_urgent_request()
        reporting = a_reporting_request()

        assert list(worklists.to_write(person("Amina"))) == [draft]
        assert set(worklists.to_endorse(person("Idriss"))) == {sent, urgent}
        assert list(worklists.to_answer(person("Amina"))) == [asked]
        assert list(worklists.to_plan(person("Amina"))) == [eligible]
        assert list(worklists.to_report(person("Moussa"))) == [reporting]
        report(reporting)
        assert list(worklists.to_report(person("Moussa"))) == []
        names = (
            "activities_due",
            "activities_open",
            "to_answer",
            "to_plan",
            "to_report",
            "to_write",
            "urgent_to_finish",
        )
        assert worklists.counts(person("Rima")) == dict.fromkeys(names, 0)

    def test_for_headquarters(self):
        endorsed, taken, urgent = an_endorsed_request(), a_taken_request(), an_urgent_request()
        budget, approved, funded = a_budget_to_approve(), an_approved_request(), a_funded_request()
        reconciling = a_reconciling_request()
        with clock.at(clock.now() + timedelta(days=1)):  # the bank issues one statement a day
            reported = report(a_reporting_request())

        assert list(worklists.to_review(person("Bruno"))) == [urgent, endorsed]
        assert list(worklists.taken_by(person("Bruno"))) == [taken]
        assert list(worklists.urgent(person("Gloria"))) == [urgent]
        assert list(worklists.to_approve(person("Chen"))) == [budget]
        assert list(worklists.to_certify(person("Marie"))) == [approved]
        assert list(worklists.to_pay(person("Divya"))) == []
        prepare(funded)
        assert list(worklists.to_pay(person("Divya"))) == [funded]
        assert list(worklists.reports_to_accept(person("Marie"))) == [reported]
        assert list(worklists.to_close(person("Helena"))) == [reconciling]

    def test_for_the_certifying_officer_when_a_line_is_approved_later(self):
        made = certify(a_deferred_request())
        assert list(worklists.to_certify(person("Marie"))) == []

        decision = LineDecision(lines_of(made)[1].pk, "approve", stream_code="A")
        approve_deferred_line(request_id=made.pk, decision=decision, **by("Chen"))

        assert list(worklists.to_certify(person("Marie"))) == [made]

    def test_tells_what_is_asked_and_granted(self):
        an_approved_request()

        row = queries.visible_to(person("Chen")).get()
        assert (row.asked_usd_minor, row.granted_usd_minor) == (92_800, 92_800)

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("Amina", ["Ask for help", "My desk", "Requests"]),
            ("Bruno", ["Inbox", "Requests"]),
            ("Gloria", ["Duty", "Requests"]),
            ("Chen", ["Approvals", "Requests"]),
            ("Marie", ["To certify", "Advances", "Requests"]),
            ("Divya", ["To release", "Requests"]),
            (
                "Helena",
                ["To close", "Approvals", "Advances", "Overdue", "Time to decision", "Tables", "Retention", "Requests"],
            ),
            ("Omar", ["Requests", "Advances", "Overdue", "Time to decision", "Tables", "Retention"]),
            ("Farid", []),
        ],
    )
    def test_stands_in_the_bar_with_its_count(self, name, words):
        bar = sorted(entries(person(name)), key=lambda entry: entry.order)

        assert [entry.label for entry in bar if not entry.foot] == words

    def test_counts_in_the_bar(self):
        an_endorsed_request()
        a_taken_request()

        assert {entry.label: entry.count for entry in entries(person("Bruno"))}["Inbox"] == 2


class TestTheCost:
    def test_of_a_list_does_not_grow_with_its_rows(self, django_assert_num_queries):
        reader = person("Bruno")
        for _time in range(3):
            an_endorsed_request()
        queries.visible_to(reader)

        with django_assert_num_queries(1):
            rows = list(queries.visible_to(reader))
            [(row.mission.name, row.author.name, row.taken_by, row.criteria_set) for row in rows]

    def test_of_the_buttons_stays_small(self, django_assert_max_num_queries):
        taken = a_taken_request()
        reader = person("Bruno")
        list(queries.visible_to(reader))

        with django_assert_max_num_queries(16):
            possible_acts(taken, reader)


class TestTheButtons:
    def test_are_the_acts_of_the_person_with_what_is_missing(self):
        taken = a_taken_request()

        acts = {act.act: act for act in possible_acts(taken, person("Bruno"))}

        assert set(acts) == {"take", "recuse", "ask", "confirm_eligibility", "refuse_eligibility"}
        assert [refusal.code for refusal in acts["take"].refusals] == ["TAKE-02"]
        assert acts["recuse"].is_open
        assert len(acts["confirm_eligibility"].obstacles) == 3
        assert not acts["confirm_eligibility"].is_open

    def test_name_who_can_when_the_act_belongs_to_others(self):
        taken = a_taken_request()

        acts = {act.act: act for act in possible_acts(taken, person("Amina"), of_others=True)}

        assert "Bruno" in acts["confirm_eligibility"].refusals[0].next_step

    def test_are_none_for_the_auditor(self):
        assert possible_acts(a_closed_request(), person("Omar")) == []

    def test_follow_the_timeline_of_the_request_and_its_money(self):
        funded = a_funded_request()
        prepare(funded)

        acts = list(queries.all_decisions(funded).values_list("act", flat=True))
        assert acts[:3] == ["prepare_disbursement", "certify_funds", "approve_budget"]
        assert acts[-1] == "write"
