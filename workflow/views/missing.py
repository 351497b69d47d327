"""What is missing, each with the page where it is written."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflow.codelists import Section
from workflow.models import AssistanceRequest
from workflow.obstacles import MissingIn
from workflow.protection.gates import GateCode
from workflow.views.act_pages import record_url
from workflow.views.writing import section_url


@dataclass(frozen=True)
class Missing:
    """One missing thing in words, and where it is written; some things are nobody's to write here."""

    words: str
    url: str = ""


def _section_of(words: str) -> str:
    """The part an obstacle is about. The sentences are those of `workflow.obstacles`; a test holds them together."""
    return {
        _("No person is written down."): Section.PERSONS.value,
        _("Consent is not recorded, nor why it could not be given."): Section.CONSENT.value,
        _("No main category is chosen."): Section.CATEGORY.value,
        _("The main category is for children, and no person is a child."): Section.CATEGORY.value,
        _("The situation is not described."): Section.SITUATION.value,
        _("What is the danger? It is not described."): Section.SITUATION.value,
        _("No other programme was asked, and nothing says that none exists."): Section.ALTERNATIVES.value,
        _("No kind of help is chosen."): Section.HELP.value,
        _("The budget has no line."): Section.LINES.value,
        _("The assistance plan is not written."): Section.PLAN.value,
    }.get(words, "")


def missing_links(assistance: AssistanceRequest, words: list[str], then: str = "check") -> list[Missing]:
    """Each obstacle with its page, which comes back here afterwards."""
    found = []
    for obstacle in words:
        section = obstacle.section.value if isinstance(obstacle, MissingIn) else _section_of(obstacle)
        if any(obstacle.startswith(f"{code.label}: ") for code in GateCode):
            found.append(Missing(obstacle, f"{record_url(assistance)}gates/"))
            continue
        found.append(Missing(obstacle, section_url(assistance, section, then) if section else ""))
    return found
