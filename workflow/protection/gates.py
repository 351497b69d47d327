"""The gates: what must be on file before a line or an act, for which persons, who records it and how long it counts.

Gates are data; `standing.py` reads them. G1 to G11 are the safeguards of unaccompanied and separated children, R1 to
R6 those of a voluntary return. Sources: handbook and guidelines on vulnerable migrants and children, in our own words;
days and roles are the fund's own settings.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gaf.accounts.roles import Role
from workflow.codelists import LIFE_SAVING_TYPES, AssistanceType


class GateCode(models.TextChoices):
    """One gate. The code says nothing about a person; the words do."""

    G1 = "G1", _("Known to be unaccompanied or separated; a disputed age counts as a child’s")
    G2 = "G2", _("A place fit for a child, and no detention")
    G3 = "G3", _("Guardian or competent authority")
    G4 = "G4", _("Best-interests assessment of the help asked")
    G5 = "G5", _("The child’s views were heard")
    G6 = "G6", _("Family tracing: its outcome, or why there was none")
    G7 = "G7", _("Family assessment in the country of origin")
    G8 = "G8", _("Best-interests determination")
    G9 = "G9", _("Consent of guardian and family, agreement of the child")
    G10 = "G10", _("Escort named and reception confirmed")
    G11 = "G11", _("Follow-up visits after return")
    R1 = "R1", _("Voluntariness declaration")
    R2 = "R2", _("Travel document")
    R3 = "R3", _("Fit-to-travel certificate")
    R4 = "R4", _("Receiving mission accepts")
    R5 = "R5", _("Joint risk assessment with the receiving side")
    R6 = "R6", _("Care and medicines at the destination")


class ConsentGate(models.TextChoices):
    """The gate that consent itself opens; nothing else is recorded for it."""

    C1 = "C1", pgettext_lazy("gate", "Consent to getting help")


class Outcome(models.TextChoices):
    """What a piece of evidence says."""

    DONE = "DONE", pgettext_lazy("evidence", "On file")
    IN_PROGRESS = "IN_PROGRESS", _("Under way")
    NONE_SAFE = "NONE_SAFE", _("None, because it would endanger the child or the family")
    SUITABLE = "SUITABLE", _("The family can and will care")
    UNSUITABLE = "UNSUITABLE", _("The family cannot care, or is a danger")
    RETURN = "RETURN", _("Return or reunification is best")
    STAY = "STAY", _("Staying in care is best")
    THIRD_COUNTRY = "THIRD_COUNTRY", _("Another country is best")
    AGREED = "AGREED", _("All of them agree")
    ACCEPTABLE = "ACCEPTABLE", _("No risk that cannot be accepted is left")
    UNACCEPTABLE = "UNACCEPTABLE", _("A risk that cannot be accepted is left")
    FIT = "FIT", _("Fit to travel")
    NOT_FIT = "NOT_FIT", _("Not fit to travel")
    REFUSED = "REFUSED", pgettext_lazy("evidence", "Refused")
    NO_LONGER = "NO_LONGER", _("Does not hold any more")


class Statement(models.TextChoices):
    """What a declaration or a consent consists of; each is ticked by itself."""

    INFORMED = "INFORMED", _("Understood what is known about the country of origin")
    ALTERNATIVES = "ALTERNATIVES", _("Knows the alternatives, asylum among them, and has no claim pending")
    NO_PRESSURE = "NO_PRESSURE", _("Decides without pressure")
    MAY_WITHDRAW = "MAY_WITHDRAW", _("Knows that this can be taken back until boarding")
    CONSEQUENCES = "CONSEQUENCES", _("Knows the consequences, such as for coming back")
    DATA_USE = "DATA_USE", _("Knows how the data are used")
    GUARDIAN = "GUARDIAN", _("The guardian consents in writing")
    FAMILY = "FAMILY", _("The receiving family or caregiver consents in writing")
    CHILD = "CHILD", _("The child agrees")


# Whom a gate is about.
EVERYBODY = "everybody"
CHILD, RETURNEE, TRAFFICKED, FRAIL, ILL = "child", "returnee", "trafficked", "frail", "ill"
# Lines that take somebody to another country, and for a child what follows the journey.
JOURNEY = ("TRVL",)
CHILDS_RETURN = ("TRVL", "ESCORT", "RECEP", "POCK", "LIVE", "HOUSE", "MONIT")
# What is promised, what is confirmed, what is paid. A gate before approval stands before the two others too.
PROMISED = ("approve_budget", "certify_funds", "release")
PAID = ("release",)
_WRITERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)
_HEAD = (Role.HEAD_OF_UNIT,)


@dataclass(frozen=True)
class GateRule:
    """One gate as data.

    `lines`: the types of help it holds back, none when it stands before a whole act. `before`: the acts. `valid_days`:
    how long evidence counts from its own day; 0 when its maker says until when. `after`: gates that must stand before
    a passing outcome of this one. `statements`: all of them belong to a passing outcome.
    """

    code: GateCode | ConsentGate
    about: str
    lines: tuple[str, ...]
    before: tuple[str, ...]
    passing: tuple[Outcome, ...]
    failing: tuple[Outcome, ...] = ()
    valid_days: int | None = None
    recorded_by: tuple[Role, ...] = _WRITERS
    by_the_other_mission: bool = False
    after: tuple[GateCode, ...] = ()
    statements: tuple[Statement, ...] = ()
    panel: bool = False
    hours_for_first_priority: int = 0
    waits_as: str = ""  # the condition an approver defers a line for

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Everything that can be recorded of it."""
        return (*self.passing, *self.failing, Outcome.NO_LONGER)


_G, _R = GateCode, Outcome
_DECLARED = (
    Statement.INFORMED,
    Statement.ALTERNATIVES,
    Statement.NO_PRESSURE,
    Statement.MAY_WITHDRAW,
    Statement.CONSEQUENCES,
    Statement.DATA_USE,
)
_THREE_CONSENTS = (Statement.GUARDIAN, Statement.FAMILY, Statement.CHILD)
RULES = (
    GateRule(_G.G1, CHILD, (), ("submit", "endorse"), (_R.DONE,), (_R.IN_PROGRESS,)),
    GateRule(_G.G2, CHILD, ("SHEL",), PAID, (_R.DONE,)),
    GateRule(_G.G3, CHILD, (), ("confirm_eligibility",), (_R.DONE,), (_R.IN_PROGRESS,)),
    GateRule(_G.G4, CHILD, (), ("approve_budget",), (_R.DONE,), hours_for_first_priority=72),
    GateRule(_G.G5, CHILD, (), ("approve_budget",), (_R.DONE,), hours_for_first_priority=72),
    GateRule(_G.G6, CHILD, CHILDS_RETURN, PAID, (_R.DONE, _R.NONE_SAFE), (_R.IN_PROGRESS,)),
    GateRule(_G.G7, CHILD, CHILDS_RETURN, PAID, (_R.SUITABLE,), (_R.UNSUITABLE,), valid_days=183, after=(_G.G6,)),
    GateRule(
        _G.G8,
        CHILD,
        CHILDS_RETURN,
        PROMISED,
        (_R.RETURN,),
        (_R.STAY, _R.THIRD_COUNTRY),
        valid_days=0,
        recorded_by=_HEAD,
        after=(_G.G6, _G.G7),
        panel=True,
        waits_as="BEST_INTERESTS",
    ),
    GateRule(_G.G9, CHILD, ("TRVL", "ESCORT"), PAID, (_R.AGREED,), (_R.REFUSED,), statements=_THREE_CONSENTS),
    GateRule(_G.G10, CHILD, JOURNEY, PAID, (_R.DONE,), (_R.REFUSED,), by_the_other_mission=True),
    GateRule(_G.G11, CHILD, (), ("close",), (_R.DONE,)),
    GateRule(_G.R1, RETURNEE, JOURNEY, PAID, (_R.AGREED,), (_R.REFUSED,), statements=_DECLARED),
    GateRule(_G.R2, RETURNEE, JOURNEY, PAID, (_R.DONE,), (_R.REFUSED,), valid_days=0),
    GateRule(_G.R3, FRAIL, JOURNEY, PAID, (_R.FIT,), (_R.NOT_FIT,), valid_days=30),
    GateRule(_G.R4, RETURNEE, JOURNEY, PAID, (_R.DONE,), (_R.REFUSED,), by_the_other_mission=True),
    GateRule(
        _G.R5,
        TRAFFICKED,
        JOURNEY,
        PROMISED,
        (_R.ACCEPTABLE,),
        (_R.UNACCEPTABLE,),
        valid_days=90,
        recorded_by=_HEAD,
        waits_as="RISK_ASSESSMENT",
    ),
    GateRule(_G.R6, ILL, JOURNEY, PAID, (_R.DONE,), (_R.REFUSED,)),
)
# Without consent only what saves life goes on: everything else waits, from the promise to the payment.
CONSENT_RULE = GateRule(
    ConsentGate.C1,
    EVERYBODY,
    tuple(kind.value for kind in AssistanceType if kind.value not in LIFE_SAVING_TYPES),
    PROMISED,
    (),
    waits_as="CONSENT",
)
RULE_OF = {rule.code.value: rule for rule in RULES}
FRAIL_TAGS = ("PREGNANT", "SERIOUS_MEDICAL", "DISABILITY")
ILL_TAGS = ("SERIOUS_MEDICAL",)
TRAFFICKED_CATEGORIES = ("VOT", "PVOT")
SMALLEST_PANEL = 3
ACTS_BEHIND_GATES = frozenset(act for rule in RULES if not rule.lines for act in rule.before)
# Types of help that any gate can hold back; every other line never asks.
HELD_TYPES = frozenset(kind for rule in RULES for kind in rule.lines)
