"""One year of the fund as the ledger tells it, added up so far that nobody can be seen in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Min, Sum
from django.db.models.functions import Coalesce, TruncDate

from finance import postings
from finance.models import Agreement, JournalLine, Pledge, Receipt
from finance.states import AgreementState
from gaf import clock
from gaf.accounts.models import MissionRegion, Region
from gaf.money import Money, total
from gaf.thresholds import threshold
from workflow.codelists import CHILD_BANDS, MigrantCategory, Sex
from workflow.models import AssistanceRequest, Person

REFUND = "refund"
_HARMED = (MigrantCategory.VEA_EXP, MigrantCategory.VEA_RISK)
_TRAFFICKED = (MigrantCategory.VOT, MigrantCategory.PVOT)


@dataclass(frozen=True)
class Income:
    """Money that came or was promised on a day: dollars, and the donor as the agreement names it."""

    on: date
    money: Money
    donor: str


@dataclass
class RegionsYear:
    """What was spent on requests of one region; `code` is empty for those that are told of together."""

    code: str
    name: str
    spent: Money = field(default_factory=lambda: Money.zero("USD"))
    persons: int = 0
    targets: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class FundsYear:
    """Everything that is published of one year, up to the last day of a quarter. Spent = regions + fees − refunds."""

    year: int
    until: date
    pledged: list[Income]
    agreed: list[Income]
    received: list[Income]
    regions: list[RegionsYear]
    fees: Money
    refunded: Money

    @property
    def apart(self) -> list[RegionsYear]:
        """Those that are told of by themselves: enough people were helped."""
        least = threshold("small_cell_k_public")
        return [one for one in self.regions if one.persons >= least]

    @property
    def of_no_region(self) -> Money:
        """What is told of under the fund itself: fees, and what was spent on too few people to name where."""
        too_few = [one.spent for one in self.regions if one not in self.apart]
        return total([self.fees, *too_few], "USD")

    @property
    def spent(self) -> Money:
        """What the ledger's account of spending moved by."""
        return total([one.spent for one in self.regions], "USD") + self.fees - self.refunded


def last_quarter_end(today: date) -> date:
    """The last day of the last quarter that is over."""
    first_month = (today.month - 1) // 3 * 3 + 1
    return date.fromordinal(date(today.year, first_month, 1).toordinal() - 1)


def funds_year(year: int, today: date | None = None) -> FundsYear:
    """Add up one year from the ledger, until its end or until the last quarter that is over.

    Regions are named only when the year is over: two files of one year, subtracted, would tell of a few people.
    """
    until = min(date(year, 12, 31), last_quarter_end(today or clock.today()))
    days = (date(year, 1, 1), until)
    moved = _spent_by_reference(days)
    refunded = Money(-moved.pop(REFUND, 0), "USD")
    fees = Money(moved.pop("", 0), "USD")
    pledges = Pledge.objects.filter(pledged_on__range=days, agreement=None).order_by("pledged_on", "key")
    agreements = Agreement.objects.filter(state=AgreementState.IN_FORCE, signed_on__range=days)
    receipts = Receipt.objects.filter(received_on__range=days).select_related("stream")
    return FundsYear(
        year=year,
        until=until,
        pledged=[Income(one.pledged_on, Money(one.usd_minor, "USD"), one.donor) for one in pledges],
        agreed=[Income(one.signed_on, Money(one.usd_minor, "USD"), one.donor) for one in agreements],
        received=[Income(one.received_on, Money(one.usd_minor, "USD"), one.stream.donor) for one in receipts],
        regions=_wide_enough(_by_region(moved, until), is_over=until == date(year, 12, 31)),
        fees=fees,
        refunded=refunded,
    )


def _spent_by_reference(days: tuple[date, date]) -> dict[str, int]:
    """Cents spent on each request; under no reference what belongs to none; refunds apart, as what they are."""
    rows = JournalLine.objects.filter(account__code=postings.SPENT, journal__posted=True)
    rows = rows.annotate(day=Coalesce("journal__dated_on", TruncDate("journal__at"))).filter(day__range=days)
    found: dict[str, int] = defaultdict(int)
    for kind, reference, minor in rows.values_list("journal__kind", "journal__reference").annotate(Sum("minor")):
        found[REFUND if kind == REFUND else reference] -= minor
    known = set(AssistanceRequest.objects.filter(reference__in=found).values_list("reference", flat=True))
    for reference in [one for one in found if one not in known | {REFUND, ""}]:
        found[""] += found.pop(reference)
    return found


def _by_region(moved: dict[str, int], on: date) -> list[RegionsYear]:
    names = dict(Region.objects.filter(valid_from__lte=on).order_by("valid_from").values_list("code", "name"))
    at_home = MissionRegion.objects.filter(valid_from__lte=on).order_by("valid_from")
    region_of = dict(at_home.values_list("mission_id", "region__code"))
    years: dict[str, RegionsYear] = {}
    spent_on = [reference for reference, minor in moved.items() if minor]
    found = AssistanceRequest.objects.filter(reference__in=spent_on).prefetch_related("persons")
    for assistance in found:
        code = region_of.get(assistance.mission_id, "")
        year = years.setdefault(code, RegionsYear(code, names.get(code, "")))
        year.spent += Money(moved[assistance.reference], "USD")
        persons = list(assistance.persons.all())
        year.persons += len(persons)
        year.targets |= _targets(assistance, persons)
    return sorted(years.values(), key=lambda one: (one.persons, one.code))


def _targets(assistance: AssistanceRequest, persons: Iterable[Person]) -> set[str]:
    """The targets of the Sustainable Development Goals that help of this kind serves."""
    categories = {assistance.primary_category, *assistance.other_categories}
    found = {"10.7"}
    if categories & set(_TRAFFICKED):
        found |= {"8.7"}
    if any(one.age_band in CHILD_BANDS for one in persons):
        found |= {"16.2"}
    if categories & {*_HARMED, *_TRAFFICKED} and any(one.sex == Sex.FEMALE for one in persons):
        found |= {"5.2"}
    return found


def _wide_enough(regions: list[RegionsYear], *, is_over: bool = True) -> list[RegionsYear]:
    """Regions with fewer people than the public may be told of are told of together, and never one of them alone.

    `regions` come smallest first. Where one small region stands alone, the next one joins it, so that what is left of
    the whole does not name it. Even together they may be too few: then they are told of under no region at all.
    """
    least = threshold("small_cell_k_public")
    small = [one for one in regions if one.persons < least or not one.code or not is_over]
    wide = [one for one in regions if one not in small]
    while small and wide and (len(small) < 2 or sum(one.persons for one in small) < least):
        small.append(wide.pop(0))
    apart = sorted(wide, key=lambda one: one.code)
    if small:
        spent = total([one.spent for one in small], "USD")
        apart.append(RegionsYear("", "", spent, sum(one.persons for one in small), {"10.7"}))
    return apart


def years_over(today: date | None = None) -> list[int]:
    """The years that are over and in which money was received or spent, the newest first."""
    this_year = (today or clock.today()).year
    first = JournalLine.objects.filter(journal__posted=True).aggregate(first=Min("journal__at"))["first"]
    return list(range(this_year - 1, first.year - 1, -1)) if first else []
