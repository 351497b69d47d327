"""Rules of matching: one person writes a version, past lines test it, and somebody else puts it in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.rules_in_force import as_rule, lines_of, rows_in_force
from finance.actions.suggestions import suggest
from finance.matching.rules import compiled
from finance.models import BankAccount, Match, MatchRule, StatementLine
from finance.models.matching import MOST_BAND
from finance.states import MatchRuleState, StatementLineState
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal

R = MatchRuleState
K = Match.Kind
C = MatchRule.Classifies
MEANS = {C.BANK_FEE: K.FEE, C.RECEIPT: K.RECEIPT, C.INTEREST: K.INTEREST, C.RETURN: K.RETURN}
COMES_IN = {C.BANK_FEE: False, C.EXCHANGE: False, C.INTEREST: True, C.RETURN: True, C.RECEIPT: True}
MOST_SHOWN = 50


@dataclass(frozen=True)
class Conditions:
    """What a rule asks of a line; every condition that is given must hold. Amounts unsigned, in minor units.

    `band_bp` is how far the exchange may differ, in basis points; only for a rule of the exchange.
    """

    name: str
    classifies: str
    incoming: bool = False
    contains: tuple[str, ...] = ()
    pattern: str = ""
    counterparty_account: str = ""
    currency: str = ""
    least_minor: int = 0
    most_minor: int = 0
    band_bp: int = 0
    automatic: bool = False


@in_one_piece
def write_match_rule(*, conditions: Conditions, actor: User, at: datetime, replaces: str = "") -> MatchRule:
    """Write a rule, or the next version of one (`replaces` is its key). It says nothing before it is put in force.

    Raises Refusal RULE-02 when it would fit every line, RULE-03 when its pattern is none or could take for ever,
    RULE-05 when its direction is not that of such a line, RULE-06 when a band is missing or too much.
    """
    asked = (conditions.contains, conditions.pattern, conditions.counterparty_account)
    if not any(asked) or not conditions.name.strip():
        raise _refuse(
            "RULE-02",
            _("It would fit every line, or has no name."),
            _("Name words, a pattern or an account that the lines have."),
        )
    _check_pattern(conditions)
    _check_kind(conditions)
    rows = MatchRule.objects.select_for_update().filter(key=replaces).order_by("-number")
    earlier = rows.first() if replaces else None
    rule = MatchRule(
        key=earlier.key if earlier else issue("MR"),
        number=earlier.number + 1 if earlier else 1,
        author=actor,
        written_at=at,
        **{**vars(conditions), "contains": list(conditions.contains)},
    )
    before: list[Decision] | None = None if earlier else []  # nobody has decided anything on a key that is new
    role = policy.MAY_WRITE_MATCH_RULE.require(Question(rule, "write_match_rule", actor, decisions=before))
    first_decision(subject=rule, act="write_match_rule", actor=actor, role=role, at=at, facts=rule.describe())
    rule.save(force_insert=True)
    return rule


def _check_pattern(conditions: Conditions) -> None:
    if not conditions.pattern:
        return
    try:
        compiled(conditions.pattern)
    except ValueError as wrong:
        raise _refuse(
            "RULE-03",
            _("Its pattern is none, or could take for ever."),
            _("Use letters, digits, dots and single repetitions only, and no repeated groups."),
        ) from wrong


def _check_kind(conditions: Conditions) -> None:
    if COMES_IN.get(C(conditions.classifies), conditions.incoming) != conditions.incoming:
        raise _refuse(
            "RULE-05",
            _("Such a line has the other direction."),
            _("Fees and exchange differences leave; interest, receipts and what came back come in."),
        )
    if (conditions.classifies == C.EXCHANGE) != (0 < conditions.band_bp <= MOST_BAND):
        raise _refuse(
            "RULE-06",
            _("A rule of the exchange has a band of 0.01 to 10 %, and no other rule has one."),
            _("Write the band, or leave it empty."),
        )


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The rule was not kept."), why, next_step)


@in_one_piece
def try_match_rule(*, rule_id: int, actor: User, at: datetime) -> MatchRule:
    """Run a version on the lines that people matched before, and keep what it would have got right and wrong."""
    with acting(MatchRule, rule_id, act="test_match_rule", actor=actor, at=at) as doing:
        found = back_test(doing.subject)
        doing.subject.test_match_rule(found=found)
        doing.facts = {name: found[name] for name in ("seen", "covered", "right", "wrong")}
    return doing.subject


def back_test(row: MatchRule) -> dict[str, Any]:
    """What a rule says of past matched lines: how many it fits, and how many it calls what people called them.

    A rule of the exchange covers the lines that differed inside its band, and is right where people called it that.
    """
    rule = as_rule(row)
    matched = StatementLine.objects.filter(state=StatementLineState.MATCHED).select_related("statement__bank_account")
    lines = list(matched.prefetch_related("matches").order_by("-booked_on", "-pk"))
    by_key = {line.pk: line for line in lines}
    fitting = [by_key[one.key] for one in lines_of(lines) if rule.fits(one)]
    covered = [line for line in fitting if row.classifies != C.EXCHANGE or _differs_inside(line, row.band_bp)]
    wrong = [line for line in covered if _called(line, row) != {True}]
    return {
        "seen": len(lines),
        "covered": len(covered),
        "right": len(covered) - len(wrong),
        "wrong": len(wrong),
        "wrong_lines": [_told(line) for line in wrong[:MOST_SHOWN]],
    }


def _called(line: StatementLine, row: MatchRule) -> set[bool]:
    """Whether people called each part of a line what the rule calls it."""
    if row.classifies == C.EXCHANGE:
        return {match.books_to == Match.BooksTo.EXCHANGE for match in line.matches.all() if match.difference_minor}
    return {match.kind == MEANS.get(C(row.classifies)) for match in line.matches.all()}


def _differs_inside(line: StatementLine, band_bp: int) -> bool:
    pairs = [(match.difference_minor, match.item_minor) for match in line.matches.all() if match.kind == K.DISBURSEMENT]
    return any(minor and abs(minor) * 10_000 <= item * band_bp for minor, item in pairs)


def _told(line: StatementLine) -> dict[str, object]:
    kinds = sorted({match.kind for match in line.matches.all()})
    return {
        "line": line.decision_subject(),
        "account": line.statement.bank_account.code,
        "minor": line.minor,
        "currency": line.currency,
        "day": line.booked_on.isoformat(),
        "was": kinds[0] if kinds else "",
    }


@in_one_piece
def activate_match_rule(*, rule_id: int, actor: User, at: datetime) -> MatchRule:
    """Somebody else than the author puts a tested version in force; the version before it retires.

    Raises Refusal RULE-04 when a rule that acts by itself was wrong about one past line.
    """
    with acting(MatchRule, rule_id, act="activate_match_rule", actor=actor, at=at) as doing:
        rule: MatchRule = doing.subject
        if rule.automatic and rule.tested.get("wrong"):
            raise _refuse(
                "RULE-04",
                _("It was wrong about %(n)s past lines, and it would act by itself.") % {"n": rule.tested["wrong"]},
                _("Write a narrower version, or one that only suggests."),
            )
        for other in MatchRule.objects.filter(key=rule.key, state=R.ACTIVE).exclude(pk=rule.pk):
            _retire(other.pk, actor, at)
        rule.activate_match_rule(by=actor)
        doing.facts = rule.describe()
    _think_anew(at)
    return doing.subject


@in_one_piece
def retire_match_rule(*, rule_id: int, actor: User, at: datetime) -> MatchRule:
    """Take a version out of force; what it suggested is thought anew."""
    rule = _retire(rule_id, actor, at)
    _think_anew(at)
    return rule


def _retire(rule_id: int, actor: User, at: datetime) -> MatchRule:
    with acting(MatchRule, rule_id, act="retire_match_rule", actor=actor, at=at) as doing:
        doing.subject.retire_match_rule()
    rule: MatchRule = doing.subject
    return rule


def _think_anew(at: datetime) -> None:
    in_force = rows_in_force()
    for account in BankAccount.objects.order_by("code"):
        suggest(account, at, in_force=in_force)
