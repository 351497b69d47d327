"""The reasons of a suggestion in words; its points only under “why”."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from finance.models import MatchRule
from gaf.money import Money
from gaf.templatetags.formats import percent, plain_money, short_day


def in_words(reasons: Sequence[Sequence[Any]], currency: str) -> list[str]:
    """Each reason as a few words, in the order in which matching found them."""
    return [text for text in (_one(code, list(values), currency) for code, values in reasons) if text]


def _one(code: str, values: list[Any], currency: str) -> str:
    if code == "days_apart":
        return days_apart(int(values[0]))
    if code == "several_fit":
        many, minor, _currency, day = values
        return several(int(many), Money(int(minor), currency), date.fromordinal(int(day)))
    if code in _WITH_MONEY:
        return _with_money(code, Money(abs(int(values[0])), currency))
    if code in _WITH_COUNT:
        return _with_count(code, int(values[0]))
    if code == "group_named":
        return _("names the batch %(name)s") % {"name": values[0]}
    if code == "rule":
        kind = MatchRule.Classifies(values[1]).label if values[1] in MatchRule.Classifies.values else values[1]
        return _("rule %(rule)s calls it %(kind)s") % {"rule": values[0], "kind": kind}
    if code == "rule_band":
        band = percent(Decimal(int(values[1])) / 100)
        return _("within %(band)s by rule %(rule)s") % {"band": band, "rule": values[0]}
    if code == "name_alike":
        return _("name alike, %(n)s of 100") % {"n": values[0]}
    return _plain(code)


def part_in_words(part: str) -> str:
    """What points were given for, under “why”."""
    texts = {
        "account": _("payee's account"),
        "amount": _("amount"),
        "date": _("day"),
        "group": _("batch"),
        "name": _("name"),
        "reference": _("reference"),
    }
    return texts.get(part, part)


def days_apart(days: int) -> str:
    """How far the bank's day lies from ours."""
    return ngettext("%(n)s day apart", "%(n)s days apart", days) % {"n": days} if days else _("same day")


def several(many: int, money: Money, day: date) -> str:
    """Why a line has no one-key match: “2 payments of USD 300.00 near 3 March”."""
    return ngettext("%(n)s payment of %(money)s near %(day)s", "%(n)s payments of %(money)s near %(day)s", many) % {
        "n": many,
        "money": plain_money(money),
        "day": short_day(day),
    }


_WITH_MONEY = ("exchange_difference", "fee_difference", "kept_by_bank", "over_limit")
_WITH_COUNT = ("sum_equal", "lines_add_up")


def _with_money(code: str, money: Money) -> str:
    texts = {
        "exchange_difference": _("differs by %(money)s, by the exchange"),
        "fee_difference": _("differs by %(money)s, like a fee"),
        "kept_by_bank": _("%(money)s less than went out"),
        "over_limit": _("above %(money)s, so a person looks"),
    }
    return texts[code] % {"money": plain_money(money)}


def _with_count(code: str, count: int) -> str:
    if code == "sum_equal":
        return ngettext("%(n)s payment adds up to it", "%(n)s payments add up to it", count) % {"n": count}
    return ngettext("%(n)s line adds up to it", "%(n)s lines add up to it", count) % {"n": count}


def _plain(code: str) -> str:
    texts = {
        "identity_equal": _("reference equal"),
        "reference_equal": _("reference equal"),
        "amount_equal": _("amount equal"),
        "original_named": _("names the original"),
        "original_cut": _("names the original, cut short"),
        "came_back": _("money came back"),
        "account_equal": _("payee's account equal"),
        "names_another": _("its text names another payment too"),
        "several_lines": _("another line names it too"),
        "tie_seen": _("another line or payment was as good"),
        "fee_or_exchange": _("a fee or the exchange, nobody can say which"),
        "only_way": _("the only way"),
        "same_counterparty": _("same counterparty"),
    }
    return texts.get(code, "")
