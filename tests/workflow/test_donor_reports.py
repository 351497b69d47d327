"""A donor report takes two people; its money is the ledger's, its persons those of published tables, and it stays."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from finance import postings
from finance.ledger import credit, debit, post
from finance.models import Acceptance, JournalLine, Receipt
from finance.standing import standings
from gaf import clock
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.sealing import unseal
from tests import donors, stories
from tests.cast import YEAR_START, give, person, rate, somebody, stream
from tests.refused import refused
from tests.stories import by
from workflow.actions.donor_reports import (
    ReportText,
    begin_donor_report,
    discard_donor_report,
    issue_donor_report,
    propose_donor_report,
    return_donor_report,
    write_donor_report,
)
from workflow.actions.privacy import restrict
from workflow.actions.tables import propose_table, publish_table
from workflow.donor_reports import permits
from workflow.donor_reports.figures import figures_of
from workflow.donor_reports.guards import GUARDS
from workflow.donor_reports.kinds import OTHER, KindOfHelp, told_apart
from workflow.donor_reports.questions import CORE, AddedTopic
from workflow.donor_reports.shown import figures_shown, kinds_shown, persons_shown, why_returned
from workflow.iati.year import funds_year
from workflow.models import DonorReport, Person, Table

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def next_year(house):
    """The year that is reported is over."""
    with clock.at(donors.AFTER_THE_YEAR):
        yield


def everything_written() -> list[tuple]:
    """All that stands in donor reports, with their versions."""
    return [*DonorReport.objects.order_by("pk").values_list(), *DonorReport.history.order_by("pk").values_list()]


def ledger(account: str, code: str = "A") -> int:
    rows = JournalLine.objects.filter(account__code=account, stream__code=code)
    return rows.aggregate(sum=Sum("minor"))["sum"] or 0


def money(report: DonorReport) -> dict[str, tuple[int | None, int]]:
    return {row["code"]: (row["in_days"], row["until"]) for row in report.figures["rows"]}


def at(year: int, month: int, day: int):
    return clock.at(datetime(year, month, day, 9, tzinfo=UTC))


@pytest.mark.usefixtures("next_year")
class TestBeginningOne:
    def test_is_for_the_fund_manager(self):
        agreement = donors.an_agreement()
        with refused("ROLE-02", NotPermitted):
            begin_donor_report(agreement=agreement, first_day=YEAR_START, last_day=date(2026, 6, 30), **by("Marie"))
        assert not DonorReport.objects.exists()

    def test_gives_it_a_number(self):
        assert donors.a_begun_report().key.startswith("DR-2027-")

    @pytest.mark.parametrize(
        "days",
        [
            (date(2026, 6, 30), date(2026, 6, 1)),
            (date(2026, 6, 30), date(2027, 1, 15)),
            (date(2025, 12, 31), date(2026, 6, 30)),
        ],
        ids=["upside down", "not over", "before the agreement"],
    )
    def test_is_refused_for_other_days(self, days):
        agreement = donors.an_agreement()
        with refused("DONOR-02", Refusal):
            donors.a_begun_report(agreement, days)
        assert not DonorReport.objects.exists()

    def test_asks_for_a_confirmed_agreement(self):
        agreement = donors.a_recorded_agreement()
        with refused("DONOR-02", Refusal):
            begin_donor_report(agreement=agreement, first_day=YEAR_START, last_day=YEAR_START, **by("Helena"))
        assert not DonorReport.objects.exists()

    def test_is_refused_where_the_stream_has_two_agreements(self):
        agreement = donors.an_agreement()
        donors.an_agreement("AG-2")
        with refused("DONOR-04", Refusal) as why:
            donors.a_begun_report(agreement)
        assert "AG-2" in why.value.why
        assert not DonorReport.objects.exists()


@pytest.mark.usefixtures("next_year")
class TestWritingIt:
    def test_may_be_half_done(self):
        made = donors.write(donors.a_begun_report(), ReportText({"results": "Measured twice."}))
        assert (made.state, made.results, made.lessons) == ("DRAFT", "Measured twice.", "")

    def test_adds_up_to_three_topics(self):
        added = [("VALUE", "Cheap."), ("PARTNERS", "Two."), ("ENVIRONMENT", "")]
        made = donors.write(donors.a_begun_report(), ReportText(added=added))
        assert (made.topic_1, made.added_2, made.topic_3) == ("VALUE", "Two.", "ENVIRONMENT")

    @pytest.mark.parametrize(
        "added",
        [
            [("VALUE", "One."), ("VALUE", "Two.")],
            [("", "No topic.")],
            [(topic, "Text.") for topic in list(AddedTopic.values)[:4]],
        ],
        ids=["twice", "without a topic", "four"],
    )
    def test_refuses_topics_that_are_none(self, added):
        made = donors.a_begun_report()
        before = everything_written()
        with refused("DONOR-08", Refusal):
            donors.write(made, ReportText(added=added))
        assert everything_written() == before

    def test_is_refused_on_a_stale_page(self):
        made = donors.a_begun_report()
        donors.write(made)
        before = everything_written()
        with pytest.raises(MovedOn):
            write_donor_report(report_id=made.pk, text=donors.answered(), seen_version=0, **by("Helena"))
        assert everything_written() == before

    def test_keeps_who_wrote_each_version(self):
        made = donors.a_written_report()
        assert {row.history_user for row in made.history.all()} == {person("Helena")}
        assert made.history.count() == 2


@pytest.mark.usefixtures("next_year")
class TestSendingIt:
    @pytest.mark.parametrize("missing", [question.name for question in CORE])
    def test_asks_for_every_answer(self, missing):
        made = donors.write(donors.a_begun_report(), donors.answered(**{missing: ""}))
        before = everything_written()
        with refused("DONOR-05", Refusal):
            propose_donor_report(report_id=made.pk, **by("Helena"))
        assert everything_written() == before

    def test_asks_for_the_text_of_each_topic(self):
        text = ReportText(donors.answered().answers, [("VISIBILITY", "")])
        made = donors.write(donors.a_begun_report(), text)
        with refused("DONOR-05", Refusal) as why:
            propose_donor_report(report_id=made.pk, **by("Helena"))
        assert "Visibility of the donor" in why.value.why

    @pytest.mark.parametrize(
        "text",
        [
            "As in GAF-2026-00042.",
            "as in gaf-2026-00042",
            "The girl P-2026-00017 went home.",
            "The shelter PAY-2026-00003 was closed.",
            "Password: swordfish",
            "Mot de passe : hirondelle",
            "The key is sk_live_1234567890abcdef.",
            "-----BEGIN PRIVATE KEY-----",
            "Refunds go to CH93 0076 2011 6238 5295 7.",
            "Token 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        ],
    )
    @pytest.mark.parametrize("place", ["lessons", "added_1"])
    def test_is_refused_where_a_text_names_a_record_or_holds_a_secret(self, text, place):
        answers = donors.answered(**({"lessons": text} if place == "lessons" else {}))
        added = [("VALUE", text)] if place == "added_1" else []
        made = donors.write(donors.a_begun_report(), ReportText(answers.answers, added))
        before = everything_written()
        with refused("DONOR-06", Refusal):
            propose_donor_report(report_id=made.pk, **by("Helena"))
        assert everything_written() == before

    @pytest.mark.parametrize(
        "text", ["In 2026 prices rose by 14.5 per cent.", "See COVID-19 and the appeal 2026-01.", "CHANGES OF 2026"]
    )
    def test_lets_plain_words_pass(self, text):
        made = donors.write(donors.a_begun_report(), donors.answered(lessons=text))
        assert propose_donor_report(report_id=made.pk, **by("Helena")).state == "PROPOSED"

    def test_freezes_figures_with_a_digest(self):
        made = donors.a_proposed_report()
        assert (len(made.digest), made.keeps_its_figures()) == (64, True)
        made.figures["rows"][0]["until"] += 1
        assert not made.keeps_its_figures()

    def test_is_refused_where_another_agreement_came_meanwhile(self):
        made = donors.a_written_report()
        donors.an_agreement("AG-2")
        before = everything_written()
        with refused("DONOR-04", Refusal):
            propose_donor_report(report_id=made.pk, **by("Helena"))
        assert everything_written() == before


@pytest.mark.both
@pytest.mark.usefixtures("next_year")
class TestTwoPeople:
    def test_issue_it(self):
        issued = donors.an_issued_report()
        assert (issued.state, issued.issued_by) == ("ISSUED", person("Marie"))

    @pytest.mark.parametrize("who", ["Marie", "Nadia"])
    def test_are_the_certifying_officer_or_the_data_steward(self, who):
        made = donors.a_proposed_report()
        assert issue_donor_report(report_id=made.pk, **by(who)).state == "ISSUED"

    def test_are_never_one(self):
        made = donors.a_proposed_report()
        before = everything_written()
        with refused("DONOR-01", NotPermitted):
            issue_donor_report(report_id=made.pk, **by("Helena"))
        assert everything_written() == before

    def test_are_never_one_who_wrote_a_sentence_of_it(self):
        henri = somebody("Henri", Role.FUND_MANAGER)
        made = donors.a_begun_report()
        write_donor_report(report_id=made.pk, text=donors.answered(), actor=henri, at=clock.now())
        propose_donor_report(report_id=made.pk, **by("Helena"))
        before = everything_written()
        with refused("DONOR-01", NotPermitted):
            issue_donor_report(report_id=made.pk, actor=henri, at=clock.now())
        assert everything_written() == before

    def test_may_be_two_fund_managers(self):
        henri = somebody("Henri", Role.FUND_MANAGER)
        made = donors.a_proposed_report()
        assert issue_donor_report(report_id=made.pk, actor=henri, at=clock.now()).issued_by == henri

    def test_are_asked_for_by_the_permit_itself(self):
        made = donors.a_proposed_report()
        question = Question(made, "issue_donor_report", person("Helena"))
        assert "DONOR-01" in [refusal.code for refusal in permits.MAY_ISSUE_DONOR_REPORT.why_not(question)]

    @pytest.mark.parametrize("column", ["begun_by", "proposed_by"])
    def test_stand_in_the_database_too(self, column):
        made = donors.a_proposed_report()
        with (
            pytest.raises(IntegrityError, match=r"donor_report_(takes_two_people|is_issued)"),
            transaction.atomic(),
        ):
            DonorReport.objects.filter(pk=made.pk).update(issued_by=getattr(made, column), issued_at=clock.now())

    def test_are_asked_by_the_database_of_everybody_who_wrote(self, monkeypatch):
        henri = somebody("Henri", Role.FUND_MANAGER)
        made = donors.a_begun_report()
        write_donor_report(report_id=made.pk, text=donors.answered(), actor=henri, at=clock.now())
        propose_donor_report(report_id=made.pk, **by("Helena"))
        edge = DonorReport.issue_donor_report._django_fsm.transitions["PROPOSED"]
        monkeypatch.setattr(edge, "permission", permits.MAY_RETURN_DONOR_REPORT)
        with pytest.raises(IntegrityError, match="DONOR-01"), transaction.atomic():
            issue_donor_report(report_id=made.pk, actor=henri, at=clock.now())

    def test_know_every_act_of_writing_in_the_database_too(self):
        asked = next(one for one in GUARDS if one.name.endswith("takes_two_people"))
        assert all(f"'{act}'" in asked.sqlite for act in permits.WRITING)


@pytest.mark.usefixtures("next_year")
class TestTheSecondReader:
    def test_returns_it_with_a_reason_and_without_figures(self):
        made = donors.a_proposed_report()
        returned = return_donor_report(report_id=made.pk, reason="Say more of the risks.", **by("Marie"))
        assert (returned.state, returned.figures, returned.digest) == ("DRAFT", None, "")
        assert why_returned(DonorReport.objects.get()) == ("Marie", "Say more of the risks.")

    def test_leaves_the_reason_sealed_in_the_decision(self):
        made = donors.a_proposed_report()
        return_donor_report(report_id=made.pk, reason="Say more of the risks.", **by("Marie"))
        kept = Decision.objects.get(act="return_donor_report")
        assert "risks" not in kept.reason
        assert unseal(kept.reason) == "Say more of the risks."

    def test_gets_it_again(self):
        made = donors.a_proposed_report()
        return_donor_report(report_id=made.pk, reason="Say more.", **by("Marie"))
        propose_donor_report(report_id=donors.write(made).pk, **by("Helena"))
        assert issue_donor_report(report_id=made.pk, **by("Marie")).state == "ISSUED"

    def test_cannot_issue_figures_that_are_not_true_any_more(self):
        made = donors.a_proposed_report()
        give(stream("A"), "500.00")
        before = everything_written()
        with refused("DONOR-09", Refusal):
            issue_donor_report(report_id=made.pk, **by("Marie"))
        assert everything_written() == before

    @pytest.mark.parametrize("make", [donors.a_begun_report, donors.a_proposed_report])
    def test_finds_nothing_to_do_once_it_is_discarded(self, make):
        made = make()
        assert discard_donor_report(report_id=made.pk, reason="Not asked for.", **by("Helena")).state == "DISCARDED"
        with pytest.raises(MovedOn):
            issue_donor_report(report_id=made.pk, **by("Marie"))


@pytest.mark.both
@pytest.mark.usefixtures("next_year")
class TestAnIssuedReport:
    @pytest.mark.parametrize(
        "column",
        [
            {"lessons": "x"},
            {"added_1": "x", "topic_1": "VALUE"},
            {"digest": "x"},
            {"last_day": date(2026, 11, 30)},
            {"issued_at": datetime(2027, 2, 1, tzinfo=UTC)},
            {"figures": {"rows": []}},
            {"version": 99},
        ],
        ids=lambda one: next(iter(one)),
    )
    def test_stays_as_it_was_issued(self, column):
        made = donors.an_issued_report()
        with pytest.raises(IntegrityError, match="DONOR-07"), transaction.atomic():
            DonorReport.objects.filter(pk=made.pk).update(**column)

    def test_is_not_removed(self):
        made = donors.an_issued_report()
        with pytest.raises(IntegrityError, match="DONOR-07"), transaction.atomic():
            DonorReport.objects.filter(pk=made.pk).delete()

    @pytest.mark.parametrize("act", [write_donor_report, propose_donor_report, return_donor_report])
    def test_is_open_to_no_act(self, act):
        made = donors.an_issued_report()
        said = {"write_donor_report": {"text": donors.answered()}, "return_donor_report": {"reason": "No."}}
        before = everything_written()
        with pytest.raises(MovedOn):
            act(report_id=made.pk, **said.get(act.__name__, {}), **by("Helena"))
        assert everything_written() == before


@pytest.mark.both
@pytest.mark.usefixtures("next_year")
class TestAReportThatWaits:
    @pytest.mark.parametrize("column", [{"lessons": "x"}, {"digest": "x"}, {"figures": {"rows": []}}])
    def test_is_not_edited_in_the_database(self, column):
        made = donors.a_proposed_report()
        with pytest.raises(IntegrityError, match="DONOR-07"), transaction.atomic():
            DonorReport.objects.filter(pk=made.pk).update(**column)

    @pytest.mark.parametrize("column", [{"first_day": date(2026, 2, 1)}, {"begun_at": donors.AFTER_THE_YEAR}])
    def test_keeps_its_days_from_the_beginning(self, column):
        with at(2027, 1, 14):
            made = donors.a_begun_report()
        with pytest.raises(IntegrityError, match="DONOR-07"), transaction.atomic():
            DonorReport.objects.filter(pk=made.pk).update(**column)

    @pytest.mark.parametrize(
        ("column", "name"),
        [
            ({"topic_1": "VALUE", "topic_2": "VALUE"}, "donor_report_adds_a_topic_once"),
            ({"added_3": "No topic."}, "donor_report_says_what_it_adds"),
        ],
    )
    def test_adds_each_topic_once_in_the_database(self, column, name):
        made = donors.a_begun_report()
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            DonorReport.objects.filter(pk=made.pk).update(**column)


@pytest.mark.both
@pytest.mark.usefixtures("next_year")
class TestTheDaysOfTwoReports:
    def test_of_one_agreement_do_not_overlap(self):
        issued = donors.an_issued_report(days=(YEAR_START, date(2026, 6, 30)))
        with refused("DONOR-03", Refusal) as why:
            donors.a_begun_report(days=(date(2026, 6, 30), date(2026, 12, 31)))
        assert issued.key in why.value.why

    def test_may_follow_each_other(self):
        donors.an_issued_report(days=(YEAR_START, date(2026, 6, 30)))
        assert donors.an_issued_report(days=(date(2026, 7, 1), date(2026, 12, 31))).state == "ISSUED"

    def test_of_two_agreements_may_be_the_same(self):
        donors.an_issued_report()
        other = donors.an_agreement("AG-2", of=stream("B"))
        assert donors.an_issued_report(agreement=other).state == "ISSUED"

    def test_do_not_overlap_when_both_waited(self):
        one, other = donors.a_proposed_report(), donors.a_proposed_report()
        issue_donor_report(report_id=one.pk, **by("Marie"))
        before = everything_written()
        with refused("DONOR-03", Refusal):
            issue_donor_report(report_id=other.pk, **by("Marie"))
        assert everything_written() == before

    def test_do_not_overlap_in_the_database(self, monkeypatch):
        one, other = donors.a_proposed_report(), donors.a_proposed_report()
        issue_donor_report(report_id=one.pk, **by("Marie"))
        monkeypatch.setattr("workflow.actions.donor_reports._require_free_days", lambda _report: None)
        with pytest.raises(IntegrityError, match="DONOR-03"), transaction.atomic():
            issue_donor_report(report_id=other.pk, **by("Marie"))


@pytest.mark.both
class TestItsMoney:
    @pytest.fixture
    def paid(self, house):
        """One request that is closed, and one whose budget is approved."""
        stories.a_closed_request()
        stories.an_approved_request()

    def report(self, days=donors.WHOLE_YEAR) -> DonorReport:
        with clock.at(donors.AFTER_THE_YEAR):
            return donors.a_proposed_report(days=days)

    def test_is_the_ledgers(self, paid):
        found = money(self.report())
        assert found["received"][1] == Receipt.objects.aggregate(sum=Sum("usd_minor"))["sum"]
        assert found["spent"][1] == -ledger(postings.SPENT) > 0
        assert found["committed"][1] == -ledger(postings.COMMITTED) > 0
        assert found["free"][1] == -ledger(postings.AVAILABLE)
        assert found["accepted"][1] == ledger(postings.ASSISTANCE) > 0

    def test_is_what_the_page_of_the_fund_says(self, paid):
        found = money(self.report())
        standing = standings([stream("A")], date(2027, 1, 15))[0]
        assert [found[name][1] for name in ("agreed", "received", "committed", "spent", "free")] == [
            one.minor for one in (standing.agreed, standing.received, standing.committed, standing.spent, standing.free)
        ]

    def test_adds_up(self, paid):
        found = money(self.report())
        until = {code: minor for code, (_days, minor) in found.items()}
        assert until["received"] + until["other_authority"] == until["spent"] + until["not_spent"]
        assert until["spent"] == until["paid"] - until["returned"] + until["fees"]
        assert until["not_spent"] == until["committed"] + until["free"]
        assert until["accepted"] == sum(Acceptance.objects.values_list("usd_minor", flat=True))

    def test_is_what_the_iati_file_of_the_year_says(self, paid):
        found = money(self.report())
        year = funds_year(2026, date(2027, 1, 15))
        assert found["spent"][0] == year.spent.minor > 0
        assert found["received"][0] == sum(one.money.minor for one in year.received)
        assert found["agreed"][0] == sum(one.money.minor for one in year.agreed)

    def test_of_a_part_of_the_year_is_what_moved_in_it(self, paid):
        first = money(self.report(days=(YEAR_START, date(2026, 9, 30))))
        second = money(self.report(days=(date(2026, 10, 1), date(2026, 12, 31))))
        assert first["spent"] == (0, 0)
        assert second["received"] == (0, first["received"][1])
        assert second["spent"][0] == second["spent"][1] > 0

    def test_takes_off_what_was_returned(self, house):
        made, back = stories.an_implementing_request(), Money.of("40.00", "USD")
        entries = [debit(postings.SPENT, back, stream("A"), "L1"), credit(postings.AVAILABLE, back, stream("A"))]
        post(kind="refund", key="refund:R-1", at=clock.now(), reference=made.reference, entries=entries)
        until = {code: figure for code, (_days, figure) in money(self.report()).items()}
        assert until["returned"] == 4000
        assert until["spent"] == -ledger(postings.SPENT) == until["paid"] - 4000 + until["fees"]

    def test_in_another_currency_is_told_in_both_where_it_is_known(self, house):
        rate("PLN")
        with clock.at(donors.AFTER_THE_YEAR):
            agreement = donors.an_agreement(
                money=Money.of("3650.00", "PLN"), signed_on=date(2026, 10, 5), starts_on=YEAR_START
            )
            found = figures_of(agreement, *donors.WHOLE_YEAR)
        assert found["own_currency"] == [
            {"code": "agreed", "in_days": 365_000, "until": 365_000},
            {"code": "received", "in_days": 0, "until": 0},
        ]
        assert found["rows"][0] == {"code": "agreed", "in_days": 100_000, "until": 100_000}


def a_kind(code: str, requests: str, strict: str = "") -> KindOfHelp:
    """A kind of help with one letter a request, a cent each."""
    behind = frozenset(requests + strict)
    return KindOfHelp(code, 10 * len(behind), len(behind), behind, frozenset(requests))


class TestKindsOfHelp:
    def told(self, *kinds: KindOfHelp) -> dict[str, int]:
        return {one.code: len(one.requests) for one in told_apart(kinds)}

    def test_with_three_requests_stand_by_themselves(self):
        assert self.told(a_kind("FOOD", "abc"), a_kind("SHEL", "abcd")) == {"FOOD": 3, "SHEL": 4}

    def test_with_fewer_are_told_of_together(self):
        assert self.told(a_kind("FOOD", "ab"), a_kind("LEGAL", "c"), a_kind("SHEL", "abcd")) == {OTHER: 3, "SHEL": 4}

    def test_with_fewer_are_never_left_by_subtraction(self):
        assert self.told(a_kind("FOOD", "a"), a_kind("LEGAL", "abc"), a_kind("SHEL", "abcd")) == {OTHER: 3, "SHEL": 4}
        assert self.told(a_kind("FOOD", "a"), a_kind("LEGAL", "a"), a_kind("SHEL", "bcde")) == {OTHER: 5}

    def test_are_not_told_apart_where_all_together_are_too_few(self):
        assert self.told(a_kind("FOOD", "a"), a_kind("LEGAL", "ab")) == {}

    def test_do_not_stand_by_themselves_on_cases_kept_to_named_people(self):
        assert self.told(a_kind("SAFE", "ab", strict="z"), a_kind("SHEL", "abcd")) == {OTHER: 5}

    def test_of_any_sums_keep_the_sum_and_hide_what_is_small(self):
        dice = random.Random(33)  # the same every time, on purpose
        for _throw in range(300):
            kinds = [
                a_kind(f"K{number}", "".join(dice.sample("abcdefgh", dice.randint(1, 6))))
                for number in range(dice.randint(1, 6))
            ]
            told = told_apart(kinds)
            if told:
                assert sum(one.approved for one in told) == sum(one.approved for one in kinds)
                assert sum(one.spent for one in told) == sum(one.spent for one in kinds)
            assert all(len(one.requests) >= 3 for one in told)
            named = {one.code for one in told}
            left = [one for one in kinds if one.code not in named]
            assert not told or len(left) != 1

    @pytest.fixture
    def three(self, house):
        return [stories.an_approved_request() for _time in range(3)]

    def test_of_a_report_are_the_ledgers(self, three):
        with clock.at(donors.AFTER_THE_YEAR):
            report = donors.a_proposed_report()
        kinds = {one["code"]: one for one in report.figures["kinds"]}
        assert set(kinds) == {"HLTH", "SHEL"}
        assert all(one["requests"] == 3 for one in kinds.values())
        assert sum(one["approved"] for one in kinds.values()) == money(report)["approved"][0] == 3 * 92_800
        assert sum(one["spent"] for one in kinds.values()) + money(report)["fees"][0] == money(report)["spent"][0]

    def test_of_two_requests_are_not_told(self, house):
        for _time in range(2):
            stories.an_approved_request()
        with clock.at(donors.AFTER_THE_YEAR):
            report = donors.a_proposed_report()
        assert report.figures["kinds"] == []
        assert money(report)["approved"][0] == 2 * 92_800

    def test_of_a_strict_case_are_in_the_sums_alone(self, three):
        restrict(request_id=three[0].pk, **by("Idriss"))
        with clock.at(donors.AFTER_THE_YEAR):
            report = donors.a_proposed_report()
        assert report.figures["kinds"] == []
        assert money(report)["approved"][0] == 3 * 92_800

    def test_are_read_in_words_with_their_sum(self, house):
        rows = kinds_shown([{"code": "SHEL", "approved": 500, "spent": 300, "requests": 3}])
        assert [(row.name, row.difference.minor) for row in rows] == [
            ("Shelter and accommodation", 200),
            ("Total", 200),
        ]
        assert kinds_shown([{"code": OTHER, "approved": 1, "spent": 1, "requests": 3}])[0].name == "Other kinds of help"
        assert kinds_shown([{"code": "URGENT", "approved": 1, "spent": 1, "requests": 3}])[0].requests == 3


class TestItsPersons:
    @pytest.fixture
    def closed(self, house):
        """A request that was closed in the last quarter: twelve women, four girls."""
        made = stories.a_closed_request()
        made.persons.all().delete()
        for age_band, count in (("25-39", 12), ("12-14", 4)):
            for _number in range(count):
                Person.objects.create(assistance=made, sex="F", age_band=age_band, nationality="GIN")
        return made

    @pytest.fixture(autouse=True)
    def next_year(self, closed):
        with clock.at(donors.AFTER_THE_YEAR):
            yield

    def a_table(self, dimensions=("sex",), for_whom="PUBLIC", days=(date(2026, 10, 1), date(2026, 12, 31))) -> Table:
        made = propose_table(
            for_whom=for_whom, first_day=days[0], last_day=days[1], dimensions=dimensions, **by("Nadia")
        )
        return publish_table(table_id=made.pk, **by("Helena"))

    def test_are_those_of_published_tables_of_its_days(self):
        table = self.a_table()
        report = donors.a_proposed_report()
        assert report.figures["tables"] == [{"key": table.key, "digest": table.digest, "by": ["sex"]}]
        told = persons_shown(report.figures["tables"])
        assert [one.table for one in told.tables] == [table]
        assert told.missing == ["Age", "Disability"]

    def test_are_none_where_no_table_is_published(self):
        told = persons_shown(donors.a_proposed_report().figures["tables"])
        assert (told.tables, told.missing) == ([], ["Sex", "Age", "Disability"])

    def test_are_none_of_an_internal_table(self):
        self.a_table(for_whom="INTERNAL")
        assert donors.a_proposed_report().figures["tables"] == []

    def test_are_none_of_a_table_that_waits(self):
        propose_table(
            for_whom="PUBLIC",
            first_day=date(2026, 10, 1),
            last_day=date(2026, 12, 31),
            dimensions=["sex"],
            **by("Nadia"),
        )
        assert donors.a_proposed_report().figures["tables"] == []

    @pytest.mark.parametrize("days", [(YEAR_START, date(2026, 12, 30)), (date(2026, 10, 2), date(2026, 12, 31))])
    def test_are_none_of_a_table_that_tells_of_other_days_too(self, days):
        self.a_table()
        assert donors.a_proposed_report(days=days).figures["tables"] == []

    @pytest.mark.parametrize("dimensions", [("sex",), ("age",), ("sex", "age"), ("category", "sex", "age")])
    def test_are_never_one_to_ten(self, dimensions):
        self.a_table(dimensions)
        told = persons_shown(donors.a_proposed_report().figures["tables"])
        shown = [row.persons for table in told.tables for row in table.rows]
        assert shown
        assert not [number for number in shown if number is not None and 1 <= number <= 10]

    def test_are_counted_by_no_report(self, monkeypatch):
        self.a_table()
        before = list(Table.objects.values_list()), Person.objects.count()

        def nobody_counts(*_said, **_more):
            raise AssertionError("a report counted persons")

        monkeypatch.setattr("workflow.statistics.counting.persons_helped", nobody_counts)
        monkeypatch.setattr("workflow.actions.tables.persons_helped", nobody_counts)
        report = donors.an_issued_report()
        assert (list(Table.objects.values_list()), Person.objects.count()) == before
        assert set(report.figures) == {"rows", "own_currency", "kinds", "tables"}
        assert [set(one) for one in report.figures["tables"]] == [{"key", "digest", "by"}]

    def test_that_are_published_meanwhile_send_it_back(self):
        made = donors.a_proposed_report()
        self.a_table()
        before = everything_written()
        with refused("DONOR-09", Refusal):
            issue_donor_report(report_id=made.pk, **by("Marie"))
        assert everything_written() == before


def test_figures_that_are_nothing_everywhere_are_left_out_where_they_explain_nothing():
    rows = [{"code": "fees", "in_days": 0, "until": 0}, {"code": "committed", "in_days": None, "until": 100}]
    assert [(row.name, row.in_days) for row in figures_shown(rows)] == [("Committed and not paid yet", None)]
