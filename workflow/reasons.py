"""Why something was sent back, refused, cut, held or ended. Codes are stored in decisions, words are shown.

The text that explains a code is sealed; the code itself says nothing about a person.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReturnReason(models.TextChoices):
    """Why a request or a budget goes back."""

    CONSENT = "CONSENT", _("Consent missing or not in order")
    ALTERNATIVES = "ALTERNATIVES", _("Other help not described")
    CATEGORY = "CATEGORY", _("Category not supported by the facts")
    PERSONS = "PERSONS", _("Persons and lines do not agree")
    ARITHMETIC = "ARITHMETIC", _("Units or sums are wrong")
    QUOTES = "QUOTES", _("Quotes missing")
    PRICE = "PRICE", _("Price above the usual without a reason")
    CHILD = "CHILD", _("Child safeguards")
    RISK = "RISK", _("Risk assessment")
    RECEIVING = "RECEIVING", _("Receiving mission has not confirmed")
    PAYEE = "PAYEE", _("Payee details")
    STREAM = "STREAM", _("Stream no longer fits")
    RATE = "RATE", _("Exchange rate moved too far")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class IneligibilityReason(models.TextChoices):
    """Why the fund cannot help."""

    ALTERNATIVE = "ALTERNATIVE", _("Another programme can help")
    MANDATE = "MANDATE", _("Outside the fund’s purpose")
    PROTECTION = "PROTECTION", _("International protection is the right way")
    NO_VULNERABILITY = "NO_VULNERABILITY", _("No link to vulnerability")
    COSTS = "COSTS", _("These costs are never paid")
    DUPLICATE = "DUPLICATE", _("Already asked in another request")
    INSUFFICIENT = "INSUFFICIENT", _("Not enough information after reminders")
    LEGAL = "LEGAL", _("A legal or donor bar, and no stream that fits")


class DeclineReason(models.TextChoices):
    """Why a budget is not approved."""

    NO_FUNDS = "NO_FUNDS", _("No stream has the money")
    NOT_PROPORTIONATE = "NOT_PROPORTIONATE", _("Out of proportion to the need")
    ALTERNATIVE = "ALTERNATIVE", _("Another programme can help")
    SAFEGUARDS = "SAFEGUARDS", _("Safeguards cannot be met")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class CutReason(models.TextChoices):
    """Why a line is approved in part or not at all."""

    COVERED = "COVERED", _("Covered by another programme")
    FEWER_PERSONS = "FEWER_PERSONS", _("Fewer persons")
    PRICE = "PRICE", _("Price above the usual")
    QUANTITY = "QUANTITY", _("More than is needed")
    NOT_ELIGIBLE = "NOT_ELIGIBLE", _("A cost the fund never pays")
    NO_FUNDS = "NO_FUNDS", _("No stream has the money")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class Gate(models.TextChoices):
    """What must be there before a deferred line can be approved."""

    RISK_ASSESSMENT = "RISK_ASSESSMENT", _("Risk assessment before travel")
    BEST_INTERESTS = "BEST_INTERESTS", _("Best-interests decision")
    FIT_TO_TRAVEL = "FIT_TO_TRAVEL", _("Fit-to-travel certificate")
    DOCUMENTS = "DOCUMENTS", _("Travel documents")
    RECEIVING_MISSION = "RECEIVING_MISSION", _("Receiving mission confirms")
    QUOTES = "QUOTES", _("Quotes")
    PLAN = "PLAN", _("Reintegration plan")
    CONSENT = "CONSENT", pgettext_lazy("gate", "Consent to getting help")


class HoldReason(models.TextChoices):
    """Why a request rests."""

    SAFETY = "SAFETY", _("Safety of the person")
    NO_CONTACT = "NO_CONTACT", _("No contact with the person")
    INQUIRY = "INQUIRY", _("Inquiry under way")
    FUNDS = "FUNDS", _("Waiting for funds")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class EndReason(models.TextChoices):
    """Why a request is withdrawn or cancelled, or a person leaves it."""

    REFERRED = "REFERRED", _("Helped by another programme")
    DECLINED_HELP = "DECLINED_HELP", _("The person does not want this help")
    PROTECTION = "PROTECTION", _("Asked for international protection")
    LOST_CONTACT = "LOST_CONTACT", _("Lost contact")
    DIED = "DIED", _("Died")
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN", _("Consent withdrawn")
    DUPLICATE = "DUPLICATE", _("Already asked in another request")
    MISTAKE = "MISTAKE", _("Made by mistake")
    NO_ANSWER = "NO_ANSWER", _("The mission does not answer")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class ClosureReason(models.TextChoices):
    """How help ended."""

    COMPLETED = "COMPLETED", _("Plan completed")
    REFERRED = "REFERRED", _("Referred to another service")
    REINTEGRATED = "REINTEGRATED", _("Returned and reintegrated")
    LOCAL = "LOCAL", _("Settled where they are")
    THIRD_COUNTRY = "THIRD_COUNTRY", _("Moved to a third country")
    LOST_CONTACT = "LOST_CONTACT", _("Lost contact")
    WITHDREW = "WITHDREW", _("The person withdrew")
    DIED = "DIED", _("Died")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class ReopenReason(models.TextChoices):
    """Why an ended request goes on."""

    NEW_FACTS = "NEW_FACTS", _("New facts")
    ALTERNATIVE_REFUSED = "ALTERNATIVE_REFUSED", _("The other programme refused")
    REVIEW = "REVIEW", _("Review of the decision")
    MONEY = "MONEY", _("Money came back or is still owed")


class DisallowReason(models.TextChoices):
    """Why spending is not accepted."""

    NO_EVIDENCE = "NO_EVIDENCE", _("No proof of spending")
    NOT_APPROVED = "NOT_APPROVED", _("Not what was approved")
    OUTSIDE_PERIOD = "OUTSIDE_PERIOD", _("Outside the period")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


class ReturnOutcome(models.TextChoices):
    """What became of an assisted voluntary return."""

    REINTEGRATED = "REINTEGRATED", _("Returned and reintegrated")
    LEFT_AGAIN = "LEFT_AGAIN", _("Left again")
    NOT_REACHED = "NOT_REACHED", _("Not reached any more")
    HELPED_ELSEWHERE = "HELPED_ELSEWHERE", _("Helped by another programme")
    NOT_ARRIVED = "NOT_ARRIVED", _("Did not arrive")
    WITHDREW = "WITHDREW", _("Withdrew before departure")
    NOT_POSSIBLE = "NOT_POSSIBLE", _("The return was not possible")
    DIED = "DIED", _("Died")
    OTHER = "OTHER", pgettext_lazy("reason", "Other")


# What can be so before anybody left, and on the way; what is in neither list is said of those who arrived.
OUTCOMES_BEFORE_DEPARTURE = (
    ReturnOutcome.WITHDREW,
    ReturnOutcome.NOT_POSSIBLE,
    ReturnOutcome.HELPED_ELSEWHERE,
    ReturnOutcome.NOT_REACHED,
    ReturnOutcome.DIED,
    ReturnOutcome.OTHER,
)
OUTCOMES_ON_THE_WAY = (
    ReturnOutcome.NOT_ARRIVED,
    ReturnOutcome.NOT_REACHED,
    ReturnOutcome.DIED,
    ReturnOutcome.OTHER,
)
OUTCOMES_AT_HOME = (
    ReturnOutcome.REINTEGRATED,
    ReturnOutcome.LEFT_AGAIN,
    ReturnOutcome.NOT_REACHED,
    ReturnOutcome.HELPED_ELSEWHERE,
    ReturnOutcome.DIED,
    ReturnOutcome.OTHER,
)
