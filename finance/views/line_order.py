"""Which lines of an account a person looks at, in which order, and where in them she stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Abs, Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.models import BankAccount, Match, StatementLine
from finance.states import StatementLineState
from finance.views.accounts import OPEN
from finance.views.ages import AGE_OF
from gaf import clock

SHOWN = ("open", "aside", "all")
SORTS = ("bank", "amount")
ROWS = 25


@dataclass(frozen=True)
class Place:
    """Where in the lines of an account a person stands; every act leads back there."""

    show: str = "open"
    sort: str = "bank"
    age: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Place:
        """The place an address or a form names; what is no place counts as not named."""
        show, sort, age = (str(asked.get(name) or "") for name in ("show", "sort", "age"))
        page = str(asked.get("page") or "")
        return cls(
            show if show in SHOWN else "open",
            sort if sort in SORTS else "bank",
            age if show == "aside" and age in AGE_OF else "",
            int(page) if page.isascii() and page.isdigit() and len(page) <= 5 else 1,
        )

    @property
    def items(self) -> list[tuple[str, str]]:
        """Its parts, as an address or hidden fields carry them."""
        told = [("show", self.show), ("page", str(self.page or 1))]
        told += [("sort", self.sort)] if self.sort != "bank" else []
        return told + ([("age", self.age)] if self.age else [])

    @property
    def query(self) -> str:
        """`show=open&page=2`."""
        return urlencode(self.items)

    @property
    def sorts(self) -> list[tuple[str, Promise, str]]:
        """Each order, its name, and the address of these lines in it."""
        names = {"bank": _("the bank's order"), "amount": _("largest amount first")}
        return [(key, names[key], replace(self, sort=key).query) for key in SORTS]

    @property
    def age_in_words(self) -> Promise | str:
        """“8 to 30 days”, where only lines of one age are shown."""
        return AGE_OF[self.age].label if self.age else ""


def lines_at(account: BankAccount | str, place: Place) -> QuerySet[StatementLine]:
    """The lines of an account that a place shows, in its order."""
    code = account if isinstance(account, str) else account.code
    rows = StatementLine.objects.filter(statement__bank_account__code=code)
    if place.show == "open":
        rows = rows.filter(state__in=OPEN)
    else:
        matches = Match.objects.select_related("disbursement", "refund", "rule")
        rows = rows.prefetch_related(Prefetch("matches", matches))
    if place.show == "aside":
        rows = rows.filter(state=StatementLineState.SET_ASIDE)
    if place.age:
        rows = rows.filter(AGE_OF[place.age].lines(clock.today()))
    rows = rows.select_related("statement__bank_account", "proposal")
    if place.sort == "amount":
        return rows.annotate(size=Abs("minor")).order_by("-size", "statement__sequence", "number")
    return rows.order_by("statement__sequence", "number")


@dataclass(frozen=True)
class Following:
    """A line to go on with, by the key of its row, and the page of the list on which it stands."""

    identity: str
    page: int


def next_that_waits(line: StatementLine, place: Place) -> Following | None:
    """The line that waits after this one where the person stands, or else the first that is left; in one question."""
    account = line.statement.bank_account
    waiting = lines_at(account, place if place.show == "aside" else replace(place, show="open"))
    sequence, number, size = line.statement.sequence, line.number, abs(line.minor)
    after = Q(statement__sequence__gt=sequence) | Q(statement__sequence=sequence, number__gt=number)
    if place.sort == "amount":
        after = Q(size__lt=size) | Q(size=size) & after
    first = waiting.prefetch_related(None).order_by(Case(When(after, then=0), default=1), *waiting.query.order_by)
    rows = StatementLine.objects.filter(pk=Subquery(first.values("pk")[:1])).annotate(size=Abs("minor"))
    found = rows.annotate(before=_counted_before(account, place)).values_list("identity", "before").first()
    return Following(found[0][:16], found[1] // ROWS + 1) if found is not None else None


def _before(place: Place, sequence: Any, number: Any, size: Any) -> Q:
    """What stands before a line in the order of a place."""
    before = Q(statement__sequence__lt=sequence) | Q(statement__sequence=sequence, number__lt=number)
    return Q(size__gt=size) | Q(size=size) & before if place.sort == "amount" else before


def _counted_before(account: BankAccount, place: Place) -> Coalesce:
    """How many lines of a place stand before the line of the question around it, whose amount it has as `size`."""
    around = _before(place, OuterRef("statement__sequence"), OuterRef("number"), OuterRef("size"))
    rows = lines_at(account, place).prefetch_related(None).filter(around).order_by()
    one = rows.annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(count=Count("pk")).values("count")), 0)


def page_of(line: StatementLine, place: Place) -> int:
    """The page of the list on which a line stands."""
    before = _before(place, line.statement.sequence, line.number, abs(line.minor))
    return lines_at(line.statement.bank_account, place).filter(before).count() // ROWS + 1
