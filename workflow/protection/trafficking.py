"""Trafficking screening: what is asked, and what the answers point to. A worker judges; the answers never decide.

The definition is the Palermo Protocols’: an act, by some means, for the purpose of exploitation; for a child no means
is asked. Statuses, types of exploitation and who decided follow the Human Trafficking Case Data Standard 2.0 (CC BY
4.0), with forced criminality added; industries are the sections of ISIC revision 4 of the United Nations.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TraffickingAct(models.TextChoices):
    """What was done to the person."""

    RECRUITED = "RECRUITED", _("Was recruited")
    TRANSPORTED = "TRANSPORTED", _("Was transported")
    TRANSFERRED = "TRANSFERRED", _("Was handed over to others")
    HARBOURED = "HARBOURED", _("Was housed or hidden")
    RECEIVED = "RECEIVED", _("Was received by others")


class Means(models.TextChoices):
    """How; never asked of a child, whose consent counts for nothing."""

    FORCE = "FORCE", _("Threat or force")
    COERCION = "COERCION", _("Other coercion")
    ABDUCTION = "ABDUCTION", _("Abduction")
    FRAUD = "FRAUD", _("Fraud")
    DECEPTION = "DECEPTION", _("Deception")
    POWER = "POWER", _("Abuse of power")
    VULNERABILITY = "VULNERABILITY", _("Abuse of a position of vulnerability")
    PAYMENT = "PAYMENT", _("Payment to somebody who has control over the person")


class Exploitation(models.TextChoices):
    """For what, intended or suffered. Codes as in the data standard; forced criminality is the fund's own."""

    FORCED_LABOUR = "ForcedLabour", _("Forced labour")
    SEXUAL = "SexualExploitation", _("Sexual exploitation")
    CHILD_LABOUR = "ChildLabour", _("Child labour")
    FORCED_MARRIAGE = "ForcedMarriage", _("Forced marriage")
    SERVITUDE = "Servitude", _("Servitude or slavery")
    MILITARY = "ForcedMilitaryByNonStateActors", _("Forced service with an armed group")
    ORGANS = "OrganRemoval", _("Removal of organs")
    BEGGING = "ForcedBegging", _("Forced begging")
    ADOPTION = "ForcedAdoption", _("Forced adoption")
    SURROGACY = "Surrogacy", _("Forced surrogacy")
    CRIMINALITY = "ForcedCriminality", _("Forced criminality")
    OTHER = "Other", pgettext_lazy("exploitation", "Other")


class TraffickingStatus(models.TextChoices):
    """A judgement for protection, not a verdict; codes as in the data standard."""

    POSSIBLE = "PossibleVictimOfTrafficking", _("Possible victim of trafficking")
    ACTUAL = "ActualVictimOfTrafficking", _("Victim of trafficking")
    NOT = "NotAVictimOfTrafficking", _("Not a victim of trafficking")


class Decider(models.TextChoices):
    """Who decided that a person is an actual victim."""

    POLICE = "POLICE", _("Police")
    NGO = "NGO", _("Non-governmental organisation")
    COURT = "COURT", _("Court or prosecution")
    GOVERNMENT = "GOVERNMENT", _("Another government body")
    OTHER = "OTHER", pgettext_lazy("decider", "Another organisation")


class Industry(models.TextChoices):
    """Where labour was forced: sections of ISIC revision 4."""

    A = "A", _("Agriculture, forestry and fishing")
    B = "B", _("Mining and quarrying")
    C = "C", _("Manufacturing")
    D = "D", _("Electricity and gas supply")
    E = "E", _("Water supply and waste")
    F = "F", _("Construction")
    G = "G", _("Trade and repair of vehicles")
    H = "H", _("Transport and storage")
    I = "I", _("Hotels and restaurants")  # noqa: E741  # the section's own letter
    J = "J", _("Information and communication")
    K = "K", _("Finance and insurance")
    L = "L", _("Real estate")
    M = "M", _("Professional and technical services")
    N = "N", _("Administrative and support services")
    O = "O", _("Public administration and defence")  # noqa: E741  # the section's own letter
    P = "P", pgettext_lazy("industry", "Education")
    Q = "Q", _("Health and social work")
    R = "R", _("Arts and entertainment")
    S = "S", _("Other services")
    T = "T", _("Private households as employers")
    U = "U", _("International organisations")


class Indication(models.TextChoices):
    """What the answers point to."""

    STRONG = "STRONG", _("Strong: act, purpose and means, or a child")
    PARTIAL = "PARTIAL", _("Partial: the worker judges")
    SMUGGLING = "SMUGGLING", _("Smuggling: a crossing was paid for, and no exploitation is seen")
    NONE = "NONE", _("None: look at violence, distress or being stranded")


# Which category of the request goes with a status; a person who is not a victim brings none.
CATEGORY_OF = {TraffickingStatus.POSSIBLE: "PVOT", TraffickingStatus.ACTUAL: "VOT"}


@dataclass(frozen=True)
class Answers:
    """What was found: acts, means and purposes by code; whether the person is or was a child; whether a crossing was
    paid for."""

    acts: Collection[str] = ()
    means: Collection[str] = ()
    purposes: Collection[str] = ()
    child: bool = False
    paid_crossing: bool = False


def indication(answers: Answers) -> Indication:
    """What the answers point to. A child needs no means, and what a person agreed to counts for nothing."""
    by_means = answers.child or bool(answers.means)
    if answers.acts and answers.purposes and by_means:
        return Indication.STRONG
    if answers.purposes and (answers.acts or answers.means):
        return Indication.PARTIAL
    if answers.paid_crossing and not answers.purposes:
        return Indication.SMUGGLING
    return Indication.NONE


def departs(found: Indication, status: str) -> bool:
    """Whether the worker's judgement is another than the answers point to, so that a reason is owed."""
    if status == TraffickingStatus.NOT:
        return found == Indication.STRONG
    return found in (Indication.SMUGGLING, Indication.NONE)
