"""What can be true of a disbursement, a payment file, a payee's details, a rate, a statement line."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DisbursementState(models.TextChoices):
    """From prepared to confirmed; “result unknown” is a state, and it is never sent again from there."""

    PREPARED = "PREPARED", _("Prepared")
    RELEASED = "RELEASED", _("Released")
    STOPPED = "STOPPED", _("Stopped")
    SENDING = "SENDING", _("Being sent")
    SENT = "SENT", _("Sent")
    UNKNOWN = "UNKNOWN", _("Result unknown")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    RETURNED = "RETURNED", _("Returned")
    FAILED = "FAILED", _("Failed")


# Money that left, or may have left, for a disbursement in one of these states.
MAY_HAVE_LEFT = (
    DisbursementState.SENDING,
    DisbursementState.SENT,
    DisbursementState.UNKNOWN,
    DisbursementState.CONFIRMED,
)
# It may have left, and nobody has said yet that it arrived.
ON_ITS_WAY = (DisbursementState.SENDING, DisbursementState.SENT, DisbursementState.UNKNOWN)
# What a disbursement in one of these states has taken out of its commitment.
HOLDS_COMMITMENT = (DisbursementState.PREPARED, DisbursementState.RELEASED, *MAY_HAVE_LEFT)


class PaymentFileState(models.TextChoices):
    """A file to the bank needs two people before it leaves."""

    PREPARED = "PREPARED", _("Prepared, to be signed")
    SIGNED_ONCE = "SIGNED_ONCE", _("Signed once")
    SIGNED = "SIGNED", _("Signed by two")
    SENT = "SENT", _("At the bank")
    DISCARDED = "DISCARDED", _("Discarded")


class PayeeDetailsState(models.TextChoices):
    """Bank details count only after a second person rang the payee back."""

    RECORDED = "RECORDED", _("Recorded, to be confirmed by call-back")
    CONFIRMED = "CONFIRMED", _("Confirmed by call-back")
    REJECTED = "REJECTED", _("Rejected")
    SUPERSEDED = "SUPERSEDED", _("Superseded")


class HitState(models.TextChoices):
    """A name like one on a sanctions list stops payments until two people have cleared it."""

    OPEN = "OPEN", _("To be compared")
    CLEARED_ONCE = "CLEARED_ONCE", _("Cleared by one")
    CLEARED = "CLEARED", _("Cleared by two")
    CONFIRMED = "CONFIRMED", _("The same: never paid")


class RateState(models.TextChoices):
    """A rate is entered by one person and approved by another, and never edited."""

    ENTERED = "ENTERED", _("Entered")
    APPROVED = "APPROVED", _("Approved")


class RateListState(models.TextChoices):
    """A list of rates is imported by one person and approved whole by another."""

    IMPORTED = "IMPORTED", _("Imported")
    APPROVED = "APPROVED", _("Approved")
    DISCARDED = "DISCARDED", _("Discarded")


class PeriodState(models.TextChoices):
    """A month of the books: open, closed for all but a few, closed for good."""

    OPEN = "OPEN", _("Open")
    SOFT_CLOSED = "SOFT_CLOSED", _("Closed for all but a few")
    CLOSED = "CLOSED", _("Closed for good")


class ExceptionState(models.TextChoices):
    """Leave to book into a month that is closed for all but a few."""

    ASKED = "ASKED", _("Asked")
    APPROVED = "APPROVED", _("Given")
    REFUSED = "REFUSED", _("Refused")


class AgreementState(models.TextChoices):
    """A donor's agreement counts once a second person compared the record with the paper."""

    RECORDED = "RECORDED", _("Recorded, to be confirmed")
    IN_FORCE = "IN_FORCE", _("Confirmed")
    DISCARDED = "DISCARDED", _("Discarded")


class ReviewState(models.TextChoices):
    """What is proposed for a commitment at the year's end, and what a second person says."""

    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    REFUSED = "REFUSED", _("Refused")


class StatementLineState(models.TextChoices):
    """A line of the bank: matched with ours, proposed, set aside with a reason, or not explained yet."""

    HELD = "HELD", _("Held until its statement is accepted")
    UNMATCHED = "UNMATCHED", _("Not matched")
    PROPOSED = "PROPOSED", _("Suggested")
    MATCHED = "MATCHED", _("Matched")
    SET_ASIDE = "SET_ASIDE", _("Set aside")


class MatchRuleState(models.TextChoices):
    """A rule of matching is written by one person, tested on past lines, and put in force by another."""

    DRAFT = "DRAFT", _("Draft")
    TESTED = "TESTED", _("Tested on past lines")
    ACTIVE = "ACTIVE", _("In force")
    RETIRED = "RETIRED", _("Retired")


class StatementState(models.TextChoices):
    """A statement that proves itself is imported; another waits for a second person's look."""

    IMPORTED = "IMPORTED", _("Imported")
    NEEDS_REVIEW = "NEEDS_REVIEW", _("Needs a second look")
    REVIEWED = "REVIEWED", _("Accepted after a second look")


class AttemptState(models.TextChoices):
    """One try to send a disbursement, under a random key stored before the call."""

    INTENT = "INTENT", _("Not called yet")
    SENT = "SENT", _("Accepted")
    UNKNOWN = "UNKNOWN", _("No answer")
    FAILED = "FAILED", _("Refused")


class RailPauseState(models.TextChoices):
    """Nothing new leaves by a paused rail."""

    PAUSED = "PAUSED", _("Paused")
    RESUMED = "RESUMED", _("Resumed")


class Quarantine(models.TextChoices):
    """Why a message of a provider, rightly signed, was kept and not followed."""

    OTHER_MODE = "OTHER_MODE", _("of the other mode (test or live)")
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT", _("of an account that is none of our payees'")
    UNKNOWN_OBJECT = "UNKNOWN_OBJECT", _("about something that is not ours")
    NOT_EXPECTED = "NOT_EXPECTED", _("about a payment of which we said that it never left")


class Rail(models.TextChoices):
    """How money leaves one of the fund's own accounts."""

    BANK_FILE = "BANK_FILE", _("bank file")
    STRIPE = "STRIPE", _("Stripe")


class WriteOffState(models.TextChoices):
    """A refund that never came is given up by two people, and is due again when it comes after all."""

    ASKED = "ASKED", _("Asked, to be decided")
    POSTED = "POSTED", _("Written off")
    REFUSED = "REFUSED", _("Refused")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")


class TrancheState(models.TextChoices):
    """A part of a line may be paid once it is open; what was paid of it is accounted for while help goes on."""

    WAITING = "WAITING", _("Waits for its condition")
    OPEN = "OPEN", _("Open")
    ACCOUNTED = "ACCOUNTED", _("Accounted for")
