"""The money of the fifteen stories, to the cent: what each asks, and the amounts that follow from what happens in it.

Rates are invented; each line is converted by itself, rounded half-up, then added.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.actions.commitments import free_commitments
from finance.actions.tranches import TranchePlan, plan_tranches
from finance.models import RefundDue
from finance.queries import commitments_of, money_of
from gaf.money import Money, total
from gaf.refusals import NotPermitted
from tests import cast, stories
from tests.cast import mission, stream
from tests.refused import refused
from tests.stories import approve, by, last_decision, lines_of, now, usd
from workflow.actions.allowance import allow_urgent_spending
from workflow.actions.amending import NewLine, ask_amendment
from workflow.actions.amendment_decisions import approve_amendment, endorse_amendment, review_amendment
from workflow.actions.approval import LineDecision, approval_warnings
from workflow.actions.delivery import Cancellation, withdraw_persons
from workflow.actions.lost_receipts import cap_of_all, over_caps
from workflow.models import AssistanceRequest, LostReceipt

Row = tuple[str, str, str, str]  # type, quantity, unit cost, currency

RATES = {
    **cast.RATES,
    "USD": "1",
    "THB": "32.60",
    "MXN": "18.45",
    "HNL": "26.15",
    "ZAR": "17.35",
    "CDF": "2260",
    "TTD": "6.7600",
    "TND": "2.9200",
    "BDT": "122.00",
    "DJF": "177.721",
    "HTG": "131.20",
}
S01 = [
    ("SHEL", "60", "6500", "XOF"),
    ("FOOD", "60", "3500", "XOF"),
    ("HLTH", "6", "15000", "XOF"),
    ("DOCS", "6", "20000", "XOF"),
    ("INTRAN", "6", "22000", "XOF"),
    ("TRVL", "6", "265000", "XOF"),
    ("POCK", "6", "30000", "XOF"),
]
S02 = [
    ("SHEL", "21", "28.00", "USD"),
    ("HLTH", "1", "340.00", "USD"),
    ("MHPSS", "6", "45.00", "USD"),
    ("LEGAL", "1", "400.00", "USD"),
    ("FEES", "1", "450.00", "USD"),
    ("NFI", "1", "85.00", "USD"),
    ("TRVL", "1", "720.00", "USD"),
    ("INTRAN", "1", "40.00", "USD"),
    ("LIVE", "1", "34650.00", "SLE"),
]
S03 = [
    ("SHEL", "28", "900.00", "THB"),
    ("FOOD", "28", "350.00", "THB"),
    ("INTERP", "12", "800.00", "THB"),
    ("HLTH", "2", "3500.00", "THB"),
    ("DOCS", "2", "1600.00", "THB"),
    ("FEES", "2", "20000.00", "THB"),
    ("TRVL", "2", "34500.00", "THB"),
]
S04 = [
    ("SHEL", "30", "620.00", "MXN"),
    ("HLTH", "1", "14500.00", "MXN"),
    ("MHPSS", "8", "550.00", "MXN"),
    ("GUARD", "1", "6000.00", "MXN"),
    ("EDUC", "1", "1900.00", "MXN"),
    ("FAMTR", "1", "5230.00", "HNL"),
    ("TRVL", "1", "6400.00", "MXN"),
    ("ESCORT", "1", "9800.00", "MXN"),
    ("ESCORT", "2", "1900.00", "MXN"),
]
S05 = [
    ("SHEL", "25", "12.500", "KWD"),
    ("HLTH", "1", "48.750", "KWD"),
    ("LEGAL", "1", "150.000", "KWD"),
    ("DOCS", "1", "20.000", "KWD"),
    ("TRVL", "1", "176.250", "KWD"),
    ("INTRAN", "1", "15.500", "KWD"),
    ("POCK", "1", "30.000", "KWD"),
    ("LIVE", "1", "4928000.00", "MGA"),
]
S06 = [
    ("SHEL", "90", "420.00", "ZAR"),
    ("HLTH", "2", "950.00", "ZAR"),
    ("EDUC", "2", "1200.00", "ZAR"),
    ("FAMTR", "1", "1017000.00", "CDF"),
    ("TRVL", "2", "7900.00", "ZAR"),
    ("ESCORT", "1", "12600.00", "ZAR"),
    ("ESCORT", "4", "1750.00", "ZAR"),
    ("RECEP", "2", "452000.00", "CDF"),
    ("MONIT", "3", "180000.00", "CDF"),
]
S07 = [
    ("SHEL", "60", "240.00", "TTD"),
    ("VOUCH", "8", "450.00", "TTD"),
    ("HLTH", "1", "3800.00", "TTD"),
    ("MHPSS", "12", "350.00", "TTD"),
    ("LEGAL", "1", "5200.00", "TTD"),
    ("SKILL", "1", "3400.00", "TTD"),
    ("SAFE", "1", "900.00", "TTD"),
]
S08 = [
    ("HLTH", "1", "6800.000", "TND"),
    ("HLTH", "1", "4350.500", "TND"),
    ("HLTH", "10", "65.000", "TND"),
    ("MHPSS", "12", "60.000", "TND"),
    ("SHEL", "40", "45.000", "TND"),
    ("FOOD", "40", "22.500", "TND"),
    ("INTERP", "20", "25.000", "TND"),
]
S09 = [
    ("SHEL", "20", "7500.00", "KZT"),
    ("FOOD", "20", "4000.00", "KZT"),
    ("HLTH", "1", "95000.00", "KZT"),
    ("DOCS", "1", "18500.00", "KZT"),
    ("LEGAL", "1", "140000.00", "KZT"),
    ("TRVL", "1", "42000.00", "KZT"),
    ("POCK", "1", "26000.00", "KZT"),
    ("HLTH", "1", "2430000.00", "UZS"),
    ("LIVE", "1", "14580000.00", "UZS"),
    ("MONIT", "2", "607500.00", "UZS"),
]
S10 = [
    ("MHPSS", "10", "1500.00", "BDT"),
    ("HLTH", "1", "28000.00", "BDT"),
    ("SKILL", "1", "32000.00", "BDT"),
    ("LIVE", "1", "146400.00", "BDT"),
    ("CHILDC", "6", "4000.00", "BDT"),
    ("MONIT", "3", "5500.00", "BDT"),
]
S11 = [
    ("HLTH", "3", "38000", "DJF"),
    ("SHEL", "36", "5200", "DJF"),
    ("FOOD", "36", "2300", "DJF"),
    ("NFI", "3", "9500", "DJF"),
    ("SAFE", "12", "6000", "DJF"),
]
S12 = [
    ("SHEL", "15", "190.00", "PLN"),
    ("HLTH", "1", "3650.00", "PLN"),
    ("PREDEP", "1", "420.00", "PLN"),
    ("TRVL", "1", "3480.00", "PLN"),
    ("ESCORT", "1", "6900.00", "PLN"),
]
S13 = [
    ("SHEL", "150", "160000.00", "IDR"),
    ("FOOD", "150", "85000.00", "IDR"),
    ("HLTH", "5", "900000.00", "IDR"),
    ("DOCS", "5", "350000.00", "IDR"),
    ("INTERP", "30", "250000.00", "IDR"),
    ("LEGAL", "1", "16480000.00", "IDR"),
    ("TRVL", "5", "4944000.00", "IDR"),
    ("POCK", "5", "800000.00", "IDR"),
]
S14 = [
    ("SHEL", "45", "3280.00", "HTG"),
    ("HLTH", "1", "26240.00", "HTG"),
    ("FOOD", "1", "19680.00", "HTG"),
    ("CASH", "3", "13120.00", "HTG"),
    ("XFEE", "3", "262.40", "HTG"),
    ("MHPSS", "8", "2624.00", "HTG"),
    ("SAFE", "1", "32800.00", "HTG"),
]
S15 = [
    ("SHEL", "60", "8000", "XOF"),
    ("HLTH", "1", "160000", "XOF"),
    ("MHPSS", "16", "12000", "XOF"),
    ("SKILL", "1", "420000", "XOF"),
    ("LIVE", "1", "650000", "XOF"),
    ("CHILDC", "6", "40000", "XOF"),
    ("MONIT", "4", "35000", "XOF"),
]
ASKED = {
    "s01": (S01, "4741.26"),
    "s02": (S02, "4293.00"),
    "s03": (S03, "5024.53"),
    "s04": (S04, "3744.71"),
    "s05": (S05, "3560.78"),
    "s06": (S06, "5555.79"),
    "s07": (S07, "5251.48"),
    "s08": (S08, "5383.74"),
    "s09": (S09, "2544.51"),
    "s10": (S10, "2146.73"),
    "s11": (S11, "2726.18"),
    "s12": (S12, "4739.72"),
    "s13": (S13, "5807.05"),
    "s14": (S14, "2191.00"),
    "s15": (S15, "3989.51"),
}


def in_usd(local: Money) -> Money:
    """US dollars at the story's rate."""
    return local.in_usd(Decimal(RATES[local.currency]))


def of_row(row: Row) -> Money:
    """What one line comes to, in its currency."""
    _kind, quantity, cost, currency = row
    return Money.of(cost, currency).times(Decimal(quantity))


@pytest.mark.parametrize("story", ASKED)
def test_what_a_story_asks_is_the_sum_of_its_lines_each_rounded_by_itself(story):
    rows, asked = ASKED[story]

    assert total([in_usd(of_row(row)) for row in rows], "USD") == usd(asked)


def test_all_fifteen_ask_together():
    assert sum(usd(asked).minor for _rows, asked in ASKED.values()) == 6_169_999


def test_s05_a_ticket_bought_cheaper_at_another_rate():
    """Planned 176.250 at 0.3060; paid 171.385 at 0.3085: under-spend 15.90, exchange gain 4.54."""
    planned, paid = Money.of("176.250", "KWD"), Money.of("171.385", "KWD")
    committed, same, then = in_usd(planned), in_usd(paid), paid.in_usd(Decimal("0.3085"))

    assert (committed, same, then) == (usd("575.98"), usd("560.08"), usd("555.54"))
    assert (planned - paid, committed - same, same - then) == (Money.of("4.865", "KWD"), usd("15.90"), usd("4.54"))


def test_s13_a_fee_of_the_bank_for_a_returned_payment():
    assert in_usd(Money.of("150000.00", "IDR")) == usd("9.10")


class TestInTheFund:
    pytestmark = pytest.mark.usefixtures("house")

    @pytest.fixture(autouse=True)
    def _rates_of_the_stories(self, monkeypatch):
        monkeypatch.setattr(cast, "RATES", RATES)

    def _budget(self, rows: list[Row], **choices: object) -> AssistanceRequest:
        written = [(kind, "As planned", "item", quantity, cost, currency) for kind, quantity, cost, currency in rows]
        return stories.a_budget_to_approve(written, **choices)

    def test_s01_a_third_is_approved(self):
        made = self._budget(S01)
        thirds = [
            LineDecision(line.pk, "cut", line.quantity / 3, "COVERED", stream_code="A") for line in lines_of(made)
        ]

        approved = approve(made, thirds)

        assert sum(line.approved_local_minor for line in lines_of(approved)) == 904_000
        assert money_of(approved.reference).open == usd("1580.42")

    def test_s02_what_cannot_wait_is_allowed_and_a_waived_fine_comes_back(self):
        urgent = stories.an_urgent_request(allowed="424.00")
        assert money_of(urgent.reference).open == usd("28.00").times(3) + usd("340.00")

        made = stories.a_reporting_request(lines=[_line("FEES", "1", "450.00"), _line("TRVL", "1", "720.00")])
        stories.accept(stories.report(made, {"L1": usd("0.00")}))

        refund = RefundDue.objects.get()
        assert (refund.money, refund.kind) == (usd("450.00"), "UNSPENT")

    def test_s03_is_approved_with_cheaper_tickets(self):
        rows = [*S03[:-1], ("TRVL", "2", "29900.00", "THB")]

        approved = approve(self._budget(rows))

        assert sum(line.approved_local_minor for line in lines_of(approved)) == 15_460_000
        assert money_of(approved.reference).open == usd("4742.33")

    def test_s04_three_lines_wait_and_hold_no_money(self):
        made = self._budget(S04)
        lines = lines_of(made)
        decisions = [LineDecision(line.pk, "approve", stream_code="A") for line in lines[:6]]
        decisions += [LineDecision(line.pk, "defer", gate_code="BEST_INTERESTS") for line in lines[6:]]

        approved = approve(made, decisions)

        assert last_decision(approved).amount_minor == 266_070
        assert total([line.usd for line in lines[6:]], "USD") == usd("1084.01")
        assert money_of(approved.reference).open == usd("2660.70")

    def test_s06_is_above_the_band_of_a_deputy(self):
        made = self._budget(S06)

        with refused("DOA-01", NotPermitted):
            approve(made, approver="Ines")
        assert last_decision(approve(made)).amount_minor == 555_579

    def test_s07_is_more_than_is_usual_for_one_person(self):
        made = self._budget(S07)

        assert approval_warnings(made, stories.whole(made)) == ["This is more than USD 5,000.00 for each person."]

    def test_s08_a_hospital_bill_above_the_estimate_is_amended_on_two_streams(self):
        cast.give(stream("D", [("ASSISTANCE_TYPE", "ONLY", ["HLTH"])]), "600.00")
        approved = approve(self._budget(S08))
        niger = mission("NE").pk
        parts = [
            NewLine(niger, "HLTH", "Hospital bill", "treatment", Decimal(1), Money.of(amount, "TND"))
            for amount in ("1752.000", "518.250")
        ]
        amendment = ask_amendment(request_id=approved.pk, why="The bill came.", changes=parts, **by("Amina"))
        endorse_amendment(amendment_id=amendment.pk, **by("Idriss"))
        review_amendment(amendment_id=amendment.pk, **by("Bruno"))

        approve_amendment(amendment_id=amendment.pk, streams={"A1": "D", "A2": "A"}, **by("Chen"))

        more = Money.of("13420.750", "TND") - Money.of("11150.500", "TND")
        assert (more, in_usd(more), amendment.delta) == (Money.of("2270.250", "TND"), usd("777.48"), usd("777.48"))
        assert round(Decimal(more.minor * 100) / 11_150_500, 1) == Decimal("20.4")
        added = commitments_of(approved.reference)[-2:]
        assert [(c.stream.code, c.open) for c in added] == [("D", usd("600.00")), ("A", usd("177.48"))]
        assert money_of(approved.reference).approved == usd("5383.74") + usd("777.48")

    def test_s10_vouchers_are_missing_in_the_second_tranche(self):
        approved = approve(self._budget(S10))
        shop = lines_of(approved)[3]
        part = Money.of("48800.00", "BDT")
        plans = [TranchePlan(part, condition) for condition in ("AT_ONCE", "ACCOUNTED", "ACCOUNTED")]
        tranches = plan_tranches(reference=approved.reference, line_key="L4", plans=plans, **by("Marie"))
        missing = Money.of("19200.00", "BDT")
        lost = LostReceipt(assistance=now(approved), line=shop, minor=missing.minor, currency="BDT", usd_minor=15_738)

        assert in_usd(part) == usd("400.00")
        assert [tranche.money for tranche in tranches] == [part] * 3
        assert (in_usd(missing), cap_of_all(now(approved))) == (usd("157.38"), usd("107.34"))
        assert len(over_caps(lost)) == 2

    def test_s11_the_hospital_and_three_nights_are_allowed_at_dawn(self):
        needed = [of_row(row) for row in (S11[0], ("SHEL", "9", "5200", "DJF"), ("FOOD", "9", "2300", "DJF"))]
        limit = total([in_usd(money) for money in needed], "USD")

        urgent = stories.an_urgent_request()
        allow_urgent_spending(
            request_id=urgent.pk, limit=limit, assistance_types=["HLTH", "SHEL", "FOOD"], **by("Gloria")
        )

        assert total(needed, "DJF") == Money.of("181500", "DJF")
        assert money_of(urgent.reference).open == usd("1021.25")

    def test_s12_holds_no_money_when_another_programme_helps(self):
        refused_request = stories.a_refused_request()

        assert (refused_request.state, commitments_of(refused_request.reference)) == ("INELIGIBLE", [])

    def test_s13_tickets_and_pocket_money_of_two_men_are_free_again(self):
        approved = approve(self._budget(S13, persons=[stories.WOMAN] * 5))
        tickets, pocket = lines_of(approved)[6:]
        leaving = list(approved.persons.values_list("key", flat=True))[:2]

        withdraw_persons(
            request_id=approved.pk,
            person_keys=leaving,
            reason_code="PROTECTION",
            cancellations=[Cancellation(tickets.pk, Decimal(2)), Cancellation(pocket.pk, Decimal(2))],
            **by("Amina"),
        )

        assert last_decision(approved).amount_minor == 69_709
        assert money_of(approved.reference).open == usd("5807.05") - usd("697.09")

    def test_s15_stands_on_two_streams_and_the_first_is_cancelled_at_the_years_end(self):
        cast.give(stream("B"), "5000.00")
        made = self._budget(S15)
        until_december = {"SHEL", "HLTH", "MHPSS"}
        decisions = [
            LineDecision(line.pk, "approve", stream_code="B" if line.assistance_type in until_december else "A")
            for line in lines_of(made)
        ]
        approved = approve(made, decisions, approver="Helena")

        on_b = [c.open for c in commitments_of(approved.reference) if c.stream.code == "B"]
        assert (total(on_b, "USD"), money_of(approved.reference).open) == (usd("1454.54"), usd("3989.51"))
        freed = free_commitments(
            reference=approved.reference, at=by("Helena")["at"], line_keys=["L1", "L2", "L3"], reason_code="year_end"
        )
        assert (freed, money_of(approved.reference).open) == (usd("1454.54"), usd("2534.97"))


def _line(kind: str, quantity: str, cost: str, currency: str = "USD") -> tuple[str, str, str, str, str, str]:
    return (kind, "As planned", "item", quantity, cost, currency)
