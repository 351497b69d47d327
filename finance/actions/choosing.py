"""Matching by choice: a batch, a split, a payment with a fee or an exchange difference, a fee that nobody announced.

A person looks and says so; caps and bands say how far a difference can go, and the database that no side is exceeded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from finance.actions.bookings import BANK_FEE, EXCHANGE, Piece, not_matched, whole
from finance.actions.matching import Cut, carry_out, lines_under_lock
from finance.actions.matching_together import carry_out_each
from finance.actions.proposals import Candidate, records_named
from finance.actions.rules_in_force import band_about, rule_about
from finance.actions.terms import terms_of
from finance.matching.shapes import Terms
from finance.models import Match, MatchRule, StatementLine
from gaf.accounts.models import User
from gaf.gate import in_one_piece, under_lock
from gaf.refusals import Refusal

K = Match.Kind
MOST_PARTS = 25
# What a rule books without a record of ours, and as what.
BOOKED_ALONE: dict[str, str] = {MatchRule.Classifies.BANK_FEE: K.FEE, MatchRule.Classifies.INTEREST: K.INTEREST}


@in_one_piece
def match_chosen(
    *,
    line_ids: Sequence[int],
    records: Sequence[str],
    actor: User,
    at: datetime,
    books_to: str = "",
    seen_versions: Mapping[int, int] | None = None,
    locked: Sequence[StatementLine] = (),
) -> list[StatementLine]:
    """Match one line with the chosen records, or several lines with one. `records` are their keys (P-…, R-…, receipts).

    `books_to` says what a difference is: `bank_fee` or `exchange`; without it the amounts must agree to the cent.
    `locked` are the lines where they were locked before.
    Raises Refusal MATCH-02 when they do not, MATCH-04 when the difference is larger than the fund lets a person book.
    """
    lines = sorted(locked, key=lambda line: line.pk) or lines_under_lock(StatementLine.objects.filter(pk__in=line_ids))
    if not lines or len(lines) != len(set(line_ids)) or not records or (len(lines) > 1 and len(records) > 1):
        raise not_matched(
            _("One line goes with several records, or several lines with one record."), _("Choose again.")
        )
    if max(len(lines), len(records)) > MOST_PARTS or len({line.statement.bank_account_id for line in lines}) > 1:
        raise not_matched(_("These are too many, or of several accounts."), _("Choose fewer."))
    found = records_named(lines[0], records)
    seen = seen_versions or {}
    if len(lines) > 1:
        return _split(lines, found[0], actor, at, seen)
    cut = _one(found[0], books_to) if len(found) == 1 else _batch(found)
    return [carry_out(lines[0], found, cut, actor, at, seen_version=seen.get(lines[0].pk))]


def _one(found: Candidate, books_to: str) -> Cut:
    """One record for the whole line; a difference only where somebody says what it is, and inside cap or band."""

    def cut(line: StatementLine) -> list[Piece]:
        piece = replace(whole(line, found), rule=_rule_of_return(line, found))
        told = Piece(found, line.minor, piece.item_minor, books_to)
        if not told.difference or (piece.books_to and not books_to and _agrees_abroad(line, found)):
            return [piece]
        if not books_to:
            raise not_matched(_("The amounts differ."), _("Say whether the difference is a fee or the exchange."))
        return [_inside(told, line, terms_of(line.statement.bank_account))]

    return cut


def _agrees_abroad(line: StatementLine, found: Candidate) -> bool:
    """The bank tells the amount it was ordered in, and it is ours; or a return, which is booked as it comes."""
    row = found.disbursement
    told = (line.original_minor, line.original_currency)
    return row is not None and (found.kind == K.RETURN or told == (row.minor, row.currency))


def _rule_of_return(line: StatementLine, found: Candidate) -> MatchRule | None:
    """The rule that called a line a return which its bank does not mark as one."""
    if found.kind != K.RETURN or line.is_return:
        return None
    rule = rule_about(line)
    return rule if rule is not None and rule.classifies == MatchRule.Classifies.RETURN else None


def _inside(piece: Piece, line: StatementLine, terms: Terms) -> Piece:
    """The piece, when its difference lies inside the cap or the band, with the rule whose band it is."""
    row = piece.found.disbursement
    if row is None:
        raise not_matched(_("The amounts differ."), _("Choose another record."))
    channel = line.statement.bank_account.rail
    a_fee = piece.books_to == BANK_FEE and 0 < piece.difference <= terms.fee_cap(channel).most
    rule = band_about(line) if piece.books_to == EXCHANGE else None
    band = abs(piece.difference) * 10_000 <= piece.item_minor * (rule.band_bp if rule else terms.exchange_most)
    if not a_fee and not (piece.books_to == EXCHANGE and row.currency != line.currency and band):
        raise Refusal(
            "MATCH-04",
            _("The line was not matched."),
            _("The difference is larger than this kind of difference can be."),
            _("Set the line aside, and ask the bank what it is made of."),
        )
    return replace(piece, rule=rule)


def _batch(found: list[Candidate]) -> Cut:
    """Several records for one line, to the cent; whole records only."""

    def cut(line: StatementLine) -> list[Piece]:
        if any(one.kind != K.DISBURSEMENT or one.disbursement is None for one in found):
            raise not_matched(_("Only disbursements go out together in one line."), _("Choose again."))
        amounts = [one.disbursement.account_minor or 0 for one in found if one.disbursement]
        return [Piece(one, -minor, minor) for one, minor in zip(found, amounts, strict=True)]

    return cut


def _split(
    lines: list[StatementLine], found: Candidate, actor: User, at: datetime, seen: Mapping[int, int]
) -> list[StatementLine]:
    row = found.disbursement
    if found.kind != K.DISBURSEMENT or row is None or sum(line.minor for line in lines) != -(row.account_minor or 0):
        raise not_matched(_("The lines do not add up to the record."), _("Choose again."))
    told = [(line, Piece(found, line.minor, -line.minor)) for line in lines]
    carry_out_each(told, actor, at, seen_versions=seen, facts={"part_of": row.number})
    return lines


@in_one_piece
def match_as_fee(*, line_id: int, actor: User, at: datetime, seen_version: int | None = None) -> StatementLine:
    """A charge of the bank that names nothing: borne by unearmarked money. Raises Refusal MATCH-04 above the cap."""
    line = under_lock(StatementLine, line_id)
    found = Candidate(K.FEE)

    def cut(subject: StatementLine) -> list[Piece]:
        _ask_fee(subject, by_itself=False)
        return [Piece(found, subject.minor)]

    return carry_out(line, [found], cut, actor, at, seen_version=seen_version)


def _ask_fee(line: StatementLine, *, by_itself: bool) -> None:
    cap = terms_of(line.statement.bank_account).fee_cap(line.statement.bank_account.rail)
    if not 0 < -line.minor <= (cap.automatic if by_itself else cap.most):
        raise Refusal(
            "MATCH-04",
            _("The line was not matched."),
            _("It is larger than a fee of this account can be, or money that came in."),
            _("Set it aside, and ask the bank what it is."),
        )


@in_one_piece
def match_by_rule(
    *, line_id: int, actor: User, at: datetime, seen_version: int | None = None, act: str = "match_line"
) -> StatementLine:
    """Book what a rule in force says a line is, a fee or interest, to its account; the match keeps the version.

    Raises Refusal MATCH-08 when no rule in force says so, or two say different things; MATCH-04 as for a fee.
    """
    line = under_lock(StatementLine, line_id)
    rule = rule_about(line)
    found = Candidate(BOOKED_ALONE.get(rule.classifies, K.FEE) if rule is not None else K.FEE)

    def cut(subject: StatementLine) -> list[Piece]:
        if rule is None or rule.classifies not in BOOKED_ALONE:
            raise Refusal(
                "MATCH-08",
                _("The line was not matched."),
                _("No rule in force says what it is, or two say different things."),
                _("Look at the rules of matching, and choose a record or set the line aside."),
            )
        if found.kind == K.FEE:
            _ask_fee(subject, by_itself=act == "match_by_itself")
        return [Piece(found, subject.minor, rule=rule)]

    return carry_out(line, [found], cut, actor, at, act=act, seen_version=seen_version)
