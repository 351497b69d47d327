"""Nine tiers in their fixed order: what each proposes, when it may act by itself, and why it says nothing."""

from dataclasses import replace

import pytest

from finance.matching.engine import propose
from finance.matching.rules import Rule, compiled
from finance.matching.shapes import BankLine, FeeCap, OpenItem, Proposal, Terms, Tier
from finance.matching.subsets import Sums
from gaf.references import rf_reference

DAY = 739_577


def line(key: int = 1, minor: int = -30000, **facts) -> BankLine:
    return BankLine(
        key, facts.pop("account", "GVA"), facts.pop("currency", "USD"), minor, facts.pop("day", DAY), **facts
    )


def item(key: int = 1, minor: int = -30000, **facts) -> OpenItem:
    facts = {"reference": reference(key), "name": "Safe House Ltd", "counterparty_account": f"hash{key}", **facts}
    return OpenItem(
        key, facts.pop("account", "GVA"), facts.pop("currency", "USD"), minor, facts.pop("day", DAY), **facts
    )


def reference(key: int) -> str:
    return rf_reference(f"P-2026-{key:05d}")


def only(lines: list[BankLine], items: list[OpenItem], **choices) -> Proposal:
    found = propose(lines, items, **choices)
    assert len(found) == 1, found
    return found[0]


def codes(proposal: Proposal) -> list[str]:
    return [reason.code for reason in proposal.reasons]


class TestTier0And1:
    def test_match_the_reference_in_its_own_field_by_itself(self):
        found = only([line(end_to_end=reference(1))], [item()])

        assert (found.items, found.tier, found.automatic) == ((1,), Tier.IDENTITY, True)
        assert codes(found) == ["identity_equal", "amount_equal", "days_apart"]
        assert found.scores == (("reference", 60), ("amount", 20), ("date", 10))

    def test_match_a_providers_number(self):
        assert only([line(bank_reference="tr_9")], [item(provider=("tr_9",))]).tier == Tier.IDENTITY

    def test_match_the_reference_anywhere_in_the_text(self):
        found = only([line(text=f"INV {reference(1).lower()}")], [item()])

        assert (found.items, found.tier, found.automatic) == ((1,), Tier.REFERENCE, True)

    @pytest.mark.parametrize("facts", [{"currency": "EUR"}, {"account": "NBO"}, {"minor": 30000}])
    def test_f39_never_cross_currency_account_or_direction(self, facts):
        assert propose([line(end_to_end=reference(1), **facts)], [item(returnable=False)]) == []

    def test_leave_two_lines_that_name_one_payment_to_a_person(self):
        found = propose([line(1, end_to_end=reference(1)), line(2, end_to_end=reference(1))], [item()])

        assert [one.automatic for one in found] == [False, False]
        assert [one.items for one in found] == [(), ()]

    def test_leave_a_line_that_names_two_payments_of_its_amount_to_a_person(self):
        found = only([line(text=f"{reference(1)} {reference(2)}")], [item(1), item(2)])

        assert (found.items, found.rivals, found.automatic) == ((), (1, 2), False)
        assert found.reasons[-1].values == (2, 30000, "USD", DAY)

    def test_do_nothing_by_themselves_above_the_limit(self):
        found = only([line(end_to_end=reference(1))], [item()], terms=Terms(limit=29999))

        assert (found.items, found.automatic) == ((1,), False)
        assert "over_limit" in codes(found)

    def test_f44_match_two_equal_lines_once_each(self):
        lines = [line(1, end_to_end=reference(1)), line(2, end_to_end=reference(2))]

        assert [one.items for one in propose(lines, [item(1), item(2)])] == [(1,), (2,)]


class TestExchange:
    ABROAD = item(ordered_minor=18_000_000, ordered_currency="XOF")

    def test_f38_books_a_difference_inside_the_band_to_exchange(self):
        told = line(minor=-30210, end_to_end=reference(1), original_minor=18_000_000, original_currency="XOF")

        found = only([told], [self.ABROAD])

        assert (found.difference, found.books_to, found.automatic) == (210, "exchange", True)

    def test_f38_leaves_a_difference_outside_the_band_to_a_person(self):
        told = line(minor=-33000, end_to_end=reference(1), original_minor=18_000_000, original_currency="XOF")

        assert only([told], [self.ABROAD]).automatic is False

    def test_does_not_decide_between_a_fee_and_the_exchange(self):
        found = only([line(minor=-30100, end_to_end=reference(1))], [self.ABROAD])

        assert (found.tier, found.automatic) == (Tier.DIFFERENCE, False)
        assert "fee_or_exchange" in codes(found)


class TestFees:
    TERMS = Terms(fee_caps={"": FeeCap(500, 5000), "wire": FeeCap(0, 9000)})

    @pytest.mark.parametrize(("fee", "automatic"), [(150, True), (500, True), (501, False), (5000, False)])
    def test_f41_are_told_from_the_amount_up_to_the_cap_of_the_channel(self, fee, automatic):
        found = only([line(minor=-30000 - fee, end_to_end=reference(1))], [item()], terms=self.TERMS)

        assert (found.items, found.difference, found.books_to) == ((1,), fee, "bank_fee")
        assert found.automatic is automatic

    def test_f41_have_a_cap_of_their_own_where_the_channel_has_one(self):
        wired = item(channel="wire")

        assert only([line(minor=-38000, end_to_end=reference(1))], [wired], terms=self.TERMS).automatic is False
        assert propose([line(minor=-39001, end_to_end=reference(1))], [wired], self.TERMS) == []

    def test_f41_take_from_money_that_comes_in_too(self):
        found = only([line(minor=29850, end_to_end=reference(1))], [item(minor=30000)])

        assert (found.difference, found.books_to) == (150, "bank_fee")

    def test_are_never_paid_by_the_bank_to_us(self):
        assert propose([line(minor=-29850, end_to_end=reference(1))], [item()]) == []

    def test_read_from_the_account_alone_wait_for_a_person(self):
        found = only([line(minor=-30100, counterparty_account="hash1")], [item()])

        assert (found.items, found.tier, found.automatic) == ((1,), Tier.DIFFERENCE, False)


class TestGroups:
    def test_add_up_to_the_line_that_names_them(self):
        found = only([line(minor=-70000, text="PAYOUT po_7")], [item(1, group="po_7"), item(2, -40000, group="po_7")])

        assert (found.items, found.tier, found.automatic) == ((1, 2), Tier.GROUP, True)

    def test_that_do_not_add_up_are_left_alone(self):
        assert propose([line(minor=-70001, text="PAYOUT po_7")], [item(1, group="po_7"), item(2, group="po_7")]) == []

    def test_are_the_payments_that_the_bank_lists_inside_a_line(self):
        listed = line(minor=-70000, children=(reference(1), reference(2)))

        found = only([listed], [item(1), item(2, -40000), item(3, -70000)])

        assert (found.items, found.tier, found.automatic) == ((1, 2), Tier.GROUP, True)

    @pytest.mark.parametrize("children", [(2, 9), (1, 1), (1,)])
    def test_that_are_not_all_ours_are_left_to_people(self, children):
        listed = line(minor=-70000, children=tuple(reference(key) for key in children))

        assert [one.automatic for one in propose([listed], [item(1), item(2, -40000)])] == [False]

    def test_are_lines_of_one_reference_that_add_up_to_their_payment(self):
        lines = [line(1, -10000, end_to_end=reference(1)), line(2, -20000, text=reference(1))]

        found = only(lines, [item()])

        assert (found.lines, found.items, found.automatic) == ((1, 2), (1,), True)


class TestReturns:
    OUT = item(settled=True)

    def test_f48_find_the_payment_by_its_reference_and_count_it_returned(self):
        found = only([line(minor=30000, end_to_end=reference(1), is_return=True)], [self.OUT])

        assert (found.items, found.tier, found.returns, found.automatic) == ((1,), Tier.RETURN, True, True)

    def test_f48_find_it_by_a_reference_that_was_cut_and_ask_a_person(self):
        found = only([line(minor=30000, text=f"RETURN {reference(1)[:11]}", is_return=True)], [self.OUT])

        assert (found.items, found.automatic) == ((1,), False)
        assert "original_cut" in codes(found)

    def test_f48_keep_what_a_bank_kept_in_sight(self):
        found = only([line(minor=28500, end_to_end=reference(1), is_return=True)], [self.OUT])

        assert (found.difference, found.books_to, found.automatic) == (1500, "bank_fee", False)
        assert found.reasons[-1].values == (1500, "USD")

    def test_f48_are_no_answer_when_the_cut_reference_fits_two(self):
        back = line(minor=30000, text=f"RETURN {reference(1)[:2]}", is_return=True)

        assert propose([back], [self.OUT, replace(self.OUT, key=2)]) == []

    def test_f47_of_a_reversal_make_net_zero_with_the_line_they_reverse(self):
        out, storno = line(1, end_to_end=reference(1)), line(2, 30000, end_to_end=reference(1), is_return=True)

        found = propose([out, storno], [item()])

        assert [(one.items, one.returns) for one in found] == [((1,), False), ((1,), True)]

    def test_never_bring_more_than_went_out(self):
        assert propose([line(minor=30001, end_to_end=reference(1), is_return=True)], [self.OUT]) == []


class TestAccounts:
    def test_with_amount_and_days_match_by_themselves(self):
        found = only([line(counterparty_account="hash1", day=DAY + 2)], [item()])

        assert (found.items, found.tier, found.automatic) == ((1,), Tier.ACCOUNT, True)

    def test_over_their_limit_wait_for_a_person(self):
        found = only([line(counterparty_account="hash1")], [item()], terms=Terms(account_limit=100))

        assert found.automatic is False

    def test_with_two_payments_alike_are_a_tie_told_in_words(self):
        twins = [item(1, counterparty_account="x", name=""), item(2, counterparty_account="x", name="")]

        found = only([line(counterparty_account="x")], twins)

        assert found.automatic is False
        assert ("several_fit", (2, 30000, "USD", DAY)) in [tuple(reason) for reason in found.reasons]

    def test_that_quote_another_reference_wait_for_a_person(self):
        quoting = line(text=f"as {reference(2)} last month", counterparty_account="hash1")

        assert only([quoting], [item(1), item(2, settled=True, returnable=False)]).automatic is False

    def test_outside_the_days_say_nothing(self):
        assert propose([line(counterparty_account="hash1", day=DAY + 30)], [item(name="")]) == []


class TestSubsets:
    def test_f49_that_add_up_in_one_way_only_are_proposed_and_never_booked_by_themselves(self):
        found = only([line(minor=-60006)], [item(n, -n * 10001) for n in (1, 2, 3, 7)])

        assert (found.items, found.tier, found.automatic) == ((1, 2, 3), Tier.SUBSET, False)

    def test_f49_that_add_up_in_two_ways_go_to_people(self):
        found = only([line(minor=-50000)], [item(n, -n * 10000) for n in (1, 2, 3, 4)])

        assert (found.items, found.automatic) == ((), False)

    @pytest.mark.parametrize(("many", "found"), [(25, [(1, 2)]), (26, [])])
    def test_are_searched_among_25_and_no_more(self, many, found):
        items = [item(n, -(1 << n), name="") for n in range(1, many + 1)]

        assert [one.items for one in propose([line(minor=-6)], items)] == found

    def test_of_what_travelled_together_are_searched_among_more(self):
        items = [item(n, -(1 << n), group="F1" if n < 5 else "F2") for n in range(1, 29)]

        assert [one.items for one in propose([line(minor=-6)], items)] == [(1, 2)]

    def test_have_a_budget(self):
        assert Sums(list(range(1, 26)), 6, budget=100).ways(30) == []

    def test_have_at_most_six_parts(self):
        assert Sums([1, 2, 4, 8, 16, 32, 64], 6, 20_000).ways(127) == []
        assert Sums([1, 2, 4, 8, 16, 32, 64], 6, 20_000).ways(126) == [(1, 2, 3, 4, 5, 6)]

    def test_meet_each_way_once(self):
        assert Sums([5, 7, 11, 13, 17], 6, 20_000).ways(18, at_most=9) == [(0, 3), (1, 2)]

    def test_work_the_other_way_round(self):
        lines = [line(n, -10000 - n, counterparty_account="hash1") for n in (1, 2, 3)]

        found = only(lines, [item(minor=-30006)])

        assert (found.lines, found.items, found.automatic) == ((1, 2, 3), (1,), False)


class TestRules:
    FEE = Rule("MR-1", "BANK_FEE", incoming=False, contains=("account fee",), most=5000, automatic=True)

    def test_say_what_a_line_is_that_names_nothing(self):
        found = only([line(minor=-1200, text="Account fee March")], [], approved=[self.FEE])

        assert (found.classified, found.rule, found.tier, found.automatic) == ("BANK_FEE", "MR-1", Tier.RULE, True)

    @pytest.mark.parametrize("facts", [{"minor": 1200}, {"minor": -5001}, {"text": "other"}])
    def test_say_nothing_about_other_lines(self, facts):
        assert propose([line(**{"minor": -1200, "text": "ACCOUNT FEE", **facts})], [], approved=[self.FEE]) == []

    def test_that_disagree_leave_it_to_a_person(self):
        other = replace(self.FEE, key="MR-2", classifies="TRANSFER")

        assert propose([line(minor=-1200, text="ACCOUNT FEE")], [], approved=[self.FEE, other]) == []

    def test_come_after_every_record_of_ours(self):
        found = only([line(end_to_end=reference(1), text="ACCOUNT FEE")], [item()], approved=[self.FEE])

        assert found.items == (1,)

    @pytest.mark.parametrize("pattern", ["(a+)+$", "(a|b)*c", r"(x)\1", "(?=x)", "[", "a" * 121, "a+" * 9])
    def test_with_a_pattern_that_could_take_for_ever_are_refused(self, pattern):
        with pytest.raises(ValueError, match=r".+"):
            compiled(pattern)


class TestNames:
    def test_only_suggest(self):
        found = only([line(counterparty="LTD HOUSE SAFE")], [item()])

        assert (found.items, found.tier, found.automatic) == ((1,), Tier.NAME, False)

    def test_that_fit_two_payments_name_the_rival(self):
        found = only([line(counterparty="SAFE HOUSE LTD")], [item(1), item(2)])

        assert (found.items, found.rivals) == ((1,), (2,))
        assert "several_fit" in codes(found)

    def test_of_strangers_suggest_nothing(self):
        assert propose([line(counterparty="QUITE ANOTHER PAYEE")], [item()]) == []

    def test_mean_nothing_where_the_account_is_somebody_elses(self):
        assert propose([line(counterparty="SAFE HOUSE LTD", counterparty_account="zz")], [item()]) == []


class TestTheSameInput:
    def test_gives_the_same_answer_whatever_the_order_of_our_records(self):
        lines = [line(n, -n * 1000, counterparty_account=f"hash{n}") for n in range(1, 9)]
        items = [item(n, -n * 1000) for n in range(1, 9)]

        assert propose(lines, items) == propose(lines, items[::-1])
