"""What a donor of the demo is told: the agreement behind stream B, and one report that was issued for it."""

from __future__ import annotations

from datetime import date, timedelta

from finance.actions.agreements import Terms, confirm_agreement, record_agreement
from finance.models import Agreement, FundingStream
from gaf import clock
from gaf.demo.stage import Stage
from gaf.money import Money
from workflow.actions.donor_reports import (
    ReportText,
    begin_donor_report,
    issue_donor_report,
    propose_donor_report,
    write_donor_report,
)

_ANSWERS = {
    "performance": "The money was there when no other was: most requests were decided within two working days, and "
    "shelter, care and travel were paid in the week of the decision. What was planned for the time was reached.",
    "changes": "No amendment was asked for. Two kinds of help cost more than planned because rents rose; others cost "
    "less, and the whole stayed within what was approved.",
    "results": "Missions report each request with receipts; headquarters accepts what is proved and asks the rest "
    "back. How persons stand a year later is asked by a survey, which not everybody answers.",
    "affected": "Persons exposed to violence or exploitation, children without their parents, and migrants who were "
    "stranded. They were found by partners, consulates and the missions’ own teams.",
    "participation": "Every plan is written with the person. Complaints can be made without an account and without a "
    "name; they changed how one mission hands over clothing.",
    "risks": "Prices and exchange rates moved more than expected. Payments go only to payees whose details a second "
    "person confirmed by telephone.",
    "ending": "Help ends with a plan for what follows: referral to national services, reintegration where persons "
    "wished to return. Where no service exists, this stays open.",
    "lessons": "Deciding on shelter and safety first, and on the rest within the week, worked. Quotes should be "
    "gathered before the need arises; missions keep lists of usual costs since.",
}
_VALUE = "Usual costs are recorded by each mission and confirmed at headquarters; a budget above them says why."


def tell_the_donor(stage: Stage) -> None:
    """Marie records the agreement of stream B and Helena confirms it; Helena writes the report, Marie issues it."""
    agreement = _agreement(stage)
    helena, marie, at = stage.who("helena"), stage.who("marie"), clock.now()
    made = begin_donor_report(
        agreement=agreement, first_day=agreement.starts_on, last_day=_last_month_end(), actor=helena, at=at
    )
    text = ReportText(_ANSWERS, [("VALUE", _VALUE)])
    write_donor_report(report_id=made.pk, text=text, actor=helena, at=at)
    propose_donor_report(report_id=made.pk, actor=helena, at=at)
    issue_donor_report(report_id=made.pk, actor=marie, at=at)


def _agreement(stage: Stage) -> Agreement:
    stream = FundingStream.objects.get(code="B")
    terms = Terms(
        key=f"AG-{stream.starts_on.year}-B",
        donor=stream.donor,
        stream=stream,
        money=Money.of("40000.00", "USD"),
        signed_on=stream.starts_on,
        starts_on=stream.starts_on,
        ends_on=stream.ends_on,
    )
    made = record_agreement(terms=terms, actor=stage.who("marie"), at=clock.now())
    return confirm_agreement(agreement_id=made.pk, actor=stage.who("helena"), at=clock.now())


def _last_month_end() -> date:
    return clock.today().replace(day=1) - timedelta(days=1)
