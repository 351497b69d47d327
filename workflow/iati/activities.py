"""Writes a year of the fund as IATI 2.03 activities: the fund above, its regions below, in three languages.

Elements and codes: the IATI Standard 2.03 (activity standard and codelists). The order of elements is the schema's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from lxml import etree

from gaf import clock
from gaf.money import Money
from workflow.iati.year import FundsYear, Income, RegionsYear

ORGANISATION = "XM-DAC-47066"  # CRS channel code 47066
MULTILATERAL = "40"
FUNDING, ACCOUNTABLE, EXTENDING, IMPLEMENTING = "1", "2", "3", "4"
INCOMING_PLEDGE, INCOMING_COMMITMENT, INCOMING_FUNDS, EXPENDITURE = "13", "11", "1", "4"
DEVELOPING_COUNTRIES = "998"  # DAC: developing countries, unspecified
OUR_OWN_CODES = "99"
FACILITATION_OF_MIGRATION = "15190"
SDG_TARGET = "3"
FUND_TARGETS = ("5.2", "8.7", "10.7", "16.2")
_XML = "{http://www.w3.org/XML/1998/namespace}"

Words = Callable[[], str]


def iati_file(year: FundsYear) -> bytes:
    """The whole file: UTF-8, one activity for the fund and one for each region that may be told of."""
    root = etree.Element("iati-activities", version="2.03", attrib={"generated-datetime": _moment()})
    root.append(_fund(year))
    for region in year.apart:
        root.append(_region(year, region))
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _moment() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(year: FundsYear, region: RegionsYear | None = None) -> str:
    below = f"-{region.code or 'OTHER'}" if region is not None else ""
    return f"{ORGANISATION}-GAF-{year.year}{below}"


def _fund(year: FundsYear) -> etree._Element:
    activity = _begun(
        year,
        _number(year),
        hierarchy="1",
        title=lambda: _("Global Assistance Fund, %(year)s") % {"year": year.year},
        what=lambda: _(
            "Emergency help of last resort for victims of trafficking, unaccompanied children, survivors of violence "
            "and exploitation, and stranded migrants."
        ),
    )
    for donor in sorted({one.donor for one in [*year.agreed, *year.received]}):
        _participating(activity, FUNDING, donor)
    _participating(activity, ACCOUNTABLE)
    _dated(activity, year)
    etree.SubElement(activity, "activity-scope", code="1")
    etree.SubElement(activity, "recipient-region", code=DEVELOPING_COUNTRIES, vocabulary="1")
    _sorted_under(activity, FUND_TARGETS)
    for sort, rows in (
        (INCOMING_PLEDGE, year.pledged),
        (INCOMING_COMMITMENT, year.agreed),
        (INCOMING_FUNDS, year.received),
    ):
        for income in rows:
            _income(activity, sort, income)
    for money in (year.of_no_region, -year.refunded):
        _transaction(activity, EXPENDITURE, year.until, money)
    for region in year.apart:
        etree.SubElement(activity, "related-activity", ref=_number(year, region), type="2")
    return activity


def _region(year: FundsYear, region: RegionsYear) -> etree._Element:
    name = region.name if region.code else ""
    activity = _begun(
        year,
        _number(year, region),
        hierarchy="2",
        title=lambda: (
            _("Global Assistance Fund, %(year)s: %(region)s")
            % {"year": year.year, "region": name or _("other regions")}
        ),
        what=lambda: _("Help that missions of this region gave with money of the fund, all requests together."),
    )
    _participating(activity, IMPLEMENTING)
    _dated(activity, year)
    etree.SubElement(activity, "activity-scope", code="2" if region.code else "1")
    if region.code:
        where = etree.SubElement(activity, "recipient-region", code=region.code, vocabulary=OUR_OWN_CODES)
        _narrative(where, lambda: name)
    else:
        etree.SubElement(activity, "recipient-region", code=DEVELOPING_COUNTRIES, vocabulary="1")
    _sorted_under(activity, sorted(region.targets))
    _transaction(activity, EXPENDITURE, year.until, region.spent)
    etree.SubElement(activity, "related-activity", ref=_number(year), type="1")
    return activity


def _begun(year: FundsYear, number: str, *, hierarchy: str, title: Words, what: Words) -> etree._Element:
    activity = etree.Element(
        "iati-activity",
        attrib={
            f"{_XML}lang": "en",
            "default-currency": "USD",
            "hierarchy": hierarchy,
            "last-updated-datetime": _moment(),
        },
    )
    etree.SubElement(activity, "iati-identifier").text = number
    reporting = etree.SubElement(activity, "reporting-org", ref=ORGANISATION, type=MULTILATERAL)
    _narrative(reporting, lambda: _("International Organization for Migration"))
    _narrative(etree.SubElement(activity, "title"), title)
    _narrative(etree.SubElement(activity, "description", type="1"), what)
    return activity


def _narrative(parent: etree._Element, words: Words) -> None:
    """The words in each language; what is the same in all stands once."""
    said: list[str] = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            text = str(words())
        if text not in said:
            said.append(text)
            element = etree.SubElement(parent, "narrative", attrib={f"{_XML}lang": language})
            element.text = text


def _participating(activity: etree._Element, role: str, donor: str = "") -> None:
    if donor:
        element = etree.SubElement(activity, "participating-org", role=role)
        _narrative(element, lambda: donor)
        return
    element = etree.SubElement(activity, "participating-org", ref=ORGANISATION, type=MULTILATERAL, role=role)
    _narrative(element, lambda: _("International Organization for Migration"))


def _dated(activity: etree._Element, year: FundsYear) -> None:
    """Status and dates: under way until the year is over, then closed."""
    is_over = year.until == date(year.year, 12, 31)
    etree.SubElement(activity, "activity-status", code="4" if is_over else "2")
    first, last = date(year.year, 1, 1).isoformat(), date(year.year, 12, 31).isoformat()
    etree.SubElement(activity, "activity-date", attrib={"type": "2", "iso-date": first})
    etree.SubElement(activity, "activity-date", attrib={"type": "4" if is_over else "3", "iso-date": last})


def _sorted_under(activity: etree._Element, targets: tuple[str, ...] | list[str]) -> None:
    """Sector, the Goals it serves, and what kind of aid it is."""
    etree.SubElement(activity, "sector", vocabulary="1", code=FACILITATION_OF_MIGRATION, percentage="100")
    for target in targets:
        etree.SubElement(activity, "tag", vocabulary=SDG_TARGET, code=target)
    etree.SubElement(activity, "default-flow-type", code="10")  # ODA
    etree.SubElement(activity, "default-finance-type", code="110")  # standard grant
    etree.SubElement(activity, "default-aid-type", code="C01")  # project-type interventions
    etree.SubElement(activity, "default-tied-status", code="5")  # untied


def _income(activity: etree._Element, sort: str, income: Income) -> None:
    transaction = _transaction(activity, sort, income.on, income.money)
    if transaction is not None:
        _narrative(etree.SubElement(transaction, "provider-org"), lambda: income.donor)
        _narrative(etree.SubElement(transaction, "receiver-org", ref=ORGANISATION), lambda: "GAF")


def _transaction(activity: etree._Element, sort: str, on: date, money: Money) -> etree._Element | None:
    """One sum of dollars on a day; nothing where there is none."""
    if not money.minor:
        return None
    transaction = etree.SubElement(activity, "transaction")
    etree.SubElement(transaction, "transaction-type", code=sort)
    etree.SubElement(transaction, "transaction-date", attrib={"iso-date": on.isoformat()})
    value = etree.SubElement(transaction, "value", attrib={"currency": "USD", "value-date": on.isoformat()})
    value.text = str(money.decimal)
    return transaction
