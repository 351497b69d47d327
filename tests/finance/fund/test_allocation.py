"""The proposal for a budget: which stream bears which line, why, and what it never does."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.allocation import Allocation, Need, Offer, Rule, SpendFacts, allocate, is_broken
from gaf.money import Money, total

LEBANON = SpendFacts("LB", frozenset({"SL"}), frozenset({"TRAFFICKED"}), "SHELTER", children_only=False)
NIGER = SpendFacts("NE", frozenset({"GN"}), frozenset({"STRANDED"}), "FOOD", children_only=True)


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def only(kind: str, *values: str) -> Rule:
    return Rule(kind, "ONLY", list(values))


ANYTHING = Offer("A", usd("1000.00"))
LATE = Offer("B", usd("1000.00"), 3, (only("SPENT_IN", "LB", "NE"),), date(2027, 6, 30))
SOON = Offer("C", usd("500.00"), 3, (only("SPENT_IN", "LB", "NE"),), date(2026, 12, 31))
CHILDREN = Offer("D", usd("300.00"), 4, (Rule("CHILDREN_ONLY", "ONLY", []), only("SPENT_IN", "NE")), date(2026, 12, 31))


def line(key: str, amount: str, facts: SpendFacts = LEBANON) -> Need:
    return Need(key, usd(amount), facts)


def codes(found: Allocation) -> dict[str, str | None]:
    return {key: choice.code for key, choice in found.choices.items()}


class TestAProposal:
    def test_takes_the_money_that_ends_soonest(self):
        assert codes(allocate([line("L1", "400.00")], [ANYTHING, LATE, SOON])) == {"L1": "C"}

    def test_takes_the_most_restricted_of_those_that_end_together(self):
        assert codes(allocate([line("L1", "100.00", NIGER)], [SOON, CHILDREN])) == {"L1": "D"}

    def test_keeps_unearmarked_money_for_last_even_where_it_ends_first(self):
        ends_first = Offer("Z", usd("1000.00"), 1, (), date(2026, 11, 30))
        assert codes(allocate([line("L1", "400.00")], [ends_first, LATE])) == {"L1": "B"}

    def test_splits_by_line_and_never_a_line(self):
        found = allocate([line("L1", "400.00"), line("L2", "300.00")], [ANYTHING, LATE, SOON])
        assert codes(found) == {"L1": "C", "L2": "B"}
        assert found.bears_all == ["B", "A"]

    def test_serves_the_line_with_the_narrowest_choice_first(self):
        needs = [line("L1", "300.00", NIGER), line("L2", "300.00")]
        tight = Offer("T", usd("300.00"), 3, (only("SPENT_IN", "LB"),), date(2027, 1, 31))
        wide = Offer("W", usd("300.00"), 3, (), date(2026, 12, 31))
        assert codes(allocate(needs, [wide, tight])) == {"L1": "W", "L2": "T"}
        assert codes(allocate(list(reversed(needs)), [tight, wide])) == {"L1": "W", "L2": "T"}

    def test_says_why_and_why_not_the_others_under_codes_that_stay(self):
        ended = Offer("E", usd("900.00"), 2, is_open=False)
        poor = Offer("P", usd("1.00"), 3, (), date(2026, 12, 1))
        found = allocate([line("L1", "400.00")], [ANYTHING, LATE, SOON, CHILDREN, ended, poor]).choices["L1"]
        assert str(found.why) == "fits, and ends soonest: 31 Dec 2026 (ALLOC-01)"
        assert {code: why.code for code, why in found.others.items()} == {
            "A": "ALLOC-14",
            "B": "ALLOC-15",
            "D": "ALLOC-11",
            "E": "ALLOC-13",
            "P": "ALLOC-12",
        }
        assert found.others["P"].words == "has USD 1.00 left, the line needs USD 400.00"

    def test_says_when_nothing_fits_and_when_nothing_has_enough(self):
        found = allocate([line("L1", "2000.00"), line("L2", "1.00", NIGER)], [LATE])
        assert str(found.choices["L1"].why) == "no stream that fits has enough left (ALLOC-05)"
        nobody = allocate([line("L1", "1.00")], [CHILDREN]).choices["L1"]
        assert (nobody.code, nobody.why.code, nobody.fits) == (None, "ALLOC-06", [])

    def test_of_no_lines_or_no_streams_is_empty(self):
        assert allocate([], [ANYTHING]).bears_all == []
        assert codes(allocate([line("L1", "1.00")], [])) == {"L1": None}


_FACTS = st.builds(
    SpendFacts,
    st.sampled_from(["LB", "NE", "MX"]),
    st.frozensets(st.sampled_from(["SL", "GN"]), max_size=2),
    st.frozensets(st.sampled_from(["STRANDED", "TRAFFICKED"]), max_size=2),
    st.sampled_from(["FOOD", "SHELTER"]),
    st.booleans(),
)
_RULES = st.one_of(
    st.builds(
        Rule,
        st.just("SPENT_IN"),
        st.sampled_from(["ONLY", "NOT"]),
        st.lists(st.sampled_from(["LB", "NE", "MX"]), min_size=1),
    ),
    st.builds(Rule, st.just("NATIONALITY"), st.sampled_from(["ONLY", "NOT"]), st.just(["SL"])),
    st.builds(Rule, st.just("ASSISTANCE_TYPE"), st.sampled_from(["ONLY", "NOT"]), st.just(["FOOD"])),
    st.just(Rule("CHILDREN_ONLY", "ONLY", [])),
)
_CENTS = st.integers(1, 500).map(lambda cents: Money(cents, "USD"))
_BUDGETS = st.lists(st.tuples(_CENTS, _FACTS), min_size=1, max_size=7).map(
    lambda rows: [Need(f"L{number}", amount, facts) for number, (amount, facts) in enumerate(rows)]
)
_STREAMS = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.integers(1, 4),
        st.lists(_RULES, max_size=3),
        st.none() | st.dates(date(2026, 12, 1), date(2027, 12, 31)),
        st.booleans(),
    ),
    max_size=6,
).map(
    lambda rows: [
        Offer(chr(65 + number), Money(free, "USD"), mark, tuple(rules), ends, is_open)
        for number, (free, mark, rules, ends, is_open) in enumerate(rows)
    ]
)


class TestWhateverIsAsked:
    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(_BUDGETS, _STREAMS, st.randoms(use_true_random=False))
    def test_no_restriction_is_broken_no_stream_overspent_and_unearmarked_money_goes_last(self, needs, offers, chance):
        found = allocate(needs, offers)
        known = {offer.code: offer for offer in offers}
        left = {offer.code: offer.free for offer in offers}
        for need in needs:
            code = found.choices[need.key].code
            if code is not None:
                assert known[code].is_open
                assert not [rule for rule in known[code].conditions if is_broken(rule, need.facts)]
                left[code] = left[code] - need.usd
        assert not [code for code, rest in left.items() if rest.minor < 0]
        for need in needs:
            choice = found.choices[need.key]
            if choice.code is None or known[choice.code].is_unearmarked:
                better = [known[code] for code in choice.fits if not known[code].is_unearmarked]
                assert not [offer for offer in better if left[offer.code] >= need.usd]
            assert set(choice.others) == set(known) - {choice.code}
        assert total(list(found.by_stream(needs).values()), "USD") <= total([o.free for o in offers], "USD")
        chance.shuffle(offers)
        chance.shuffle(needs)
        assert allocate(needs, offers) == found or codes(allocate(needs, offers)) == codes(found)
