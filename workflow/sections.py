"""Which parts of a request its mission may change now, and what is still missing in each."""

from __future__ import annotations

from workflow.codelists import Section
from workflow.models import AssistanceRequest
from workflow.states import UNDER_WAY, RequestState

# Asked before eligibility; plan and lines come after.
FIRST_SECTIONS = frozenset(
    {
        Section.PERSONS,
        Section.CONSENT,
        Section.SITUATION,
        Section.CATEGORY,
        Section.ALTERNATIVES,
        Section.HELP,
        Section.URGENCY,
        Section.DOCUMENTS,
    }
)
BUDGET_SECTIONS = frozenset({Section.PLAN, Section.LINES, Section.DOCUMENTS})
_EVIDENCE_COMES = (*UNDER_WAY, RequestState.REPORTING)


def open_sections(assistance: AssistanceRequest) -> frozenset[str]:
    """Codes of the sections that may change: all of a draft, those asked about, plan and lines after eligibility.

    An urgent request is completed until it is endorsed; after endorsement the text stands.
    """
    state = assistance.state
    if state == RequestState.DRAFT:
        return FIRST_SECTIONS
    if state == RequestState.PLAN_AND_BUDGET:
        return BUDGET_SECTIONS
    if state == RequestState.CLARIFICATION:
        return _asked_about(assistance)
    if state == RequestState.ELIGIBILITY_REVIEW and _is_unfinished_urgent(assistance):
        return FIRST_SECTIONS - {Section.URGENCY}
    return frozenset({Section.DOCUMENTS}) if state in _EVIDENCE_COMES else frozenset()


def _is_unfinished_urgent(assistance: AssistanceRequest) -> bool:
    return assistance.is_urgent and assistance.endorsed_at is None


def _asked_about(assistance: AssistanceRequest) -> frozenset[str]:
    asked = set(assistance.questions.filter(answered_at=None).values_list("field_code", flat=True))
    if _is_unfinished_urgent(assistance):
        asked |= FIRST_SECTIONS - {Section.URGENCY}
    return frozenset({*asked, Section.DOCUMENTS})
