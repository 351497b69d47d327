"""What must hold of a payee's details at the moment money is let go, and what looks like paying twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from finance.models import Disbursement, PayeeVersion
from finance.screening.standing import screening_refusals
from finance.states import DisbursementState, PayeeDetailsState
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.thresholds import threshold

S = DisbursementState
# Nothing of these can reach the payee any more.
_CAME_TO_NOTHING = (S.STOPPED, S.FAILED, S.RETURNED)


def ready_at(version: PayeeVersion) -> datetime | None:
    """When confirmed details have cooled off (`payee_cooling_off_hours`); None while they are not confirmed."""
    if version.confirmed_at is None:
        return None
    return version.confirmed_at + timedelta(hours=threshold("payee_cooling_off_hours"))


def cooling_refusal(version: PayeeVersion, at: datetime) -> Refusal | None:
    """PAYEE-10: details are not paid in the first hours after their confirmation, whoever asks and however urgent."""
    ready = ready_at(version)
    if ready is None or ready <= at:
        return None
    return Refusal(
        "PAYEE-10",
        _("The payee is not paid yet."),
        _("The details of %(payee)s were confirmed a short time ago. They can be paid from %(when)s UTC.")
        % {"payee": version.decision_subject(), "when": f"{ready:%Y-%m-%d %H:%M}"},
        _("Release it then. If the details are wrong, the payee or its bank says so in the meantime."),
    )


def _changed(disbursement: Disbursement, code: str, why: str) -> Refusal:
    return Refusal(
        code,
        _("%(number)s was not released.") % {"number": disbursement.number},
        why,
        _("Stop it and prepare it again with the details in force; its approval is void."),
    )


def seal_refusals(disbursement: Disbursement) -> list[Refusal]:
    """DISB-10 when newer details are in force, DISB-13 when the row no longer says what it said under the seal."""
    version = disbursement.payee_version
    if version.state != PayeeDetailsState.CONFIRMED:
        return [_changed(disbursement, "DISB-10", _("The payee's details changed since it was prepared."))]
    if not version.bears(disbursement.payee_seal):
        why = _("The payee's details are not the ones that were sealed when it was prepared.")
        return [_changed(disbursement, "DISB-13", why)]
    return []


def release_refusals(disbursement: Disbursement, at: datetime) -> list[Refusal]:
    """Everything about the payee that stands against a release now: seal, cooling-off, sanctions."""
    changed = seal_refusals(disbursement)
    if changed:
        return changed
    cooling = cooling_refusal(disbursement.payee_version, at)
    return [*([cooling] if cooling else []), *screening_refusals(disbursement.payee_version, at)]


def like_payments(version: PayeeVersion, money: Money, reference: str, at: datetime) -> QuerySet[Disbursement]:
    """Disbursements of the same amount for the same request to the same account in `duplicate_payment_days`."""
    since = at - timedelta(days=threshold("duplicate_payment_days"))
    rows = Disbursement.objects.filter(
        reference=reference,
        minor=money.minor,
        currency=money.currency,
        payee_version__account_fingerprint=version.account_fingerprint,
        prepared_at__gt=since,
        prepared_at__lte=at,
    )
    return rows.exclude(state__in=_CAME_TO_NOTHING).order_by("number")


def duplicates_of(disbursement: Disbursement, at: datetime) -> list[Disbursement]:
    """Other disbursements that look like this one."""
    rows = like_payments(disbursement.payee_version, disbursement.money, disbursement.reference, at)
    return list(rows.exclude(pk=disbursement.pk))


def duplicate_words(found: list[Disbursement]) -> str:
    """What looks like the same payment, in words."""
    told = ", ".join(f"{one.number} ({one.get_state_display()}, {one.prepared_at:%Y-%m-%d})" for one in found)
    return _("The same amount goes to the same account for the same request: %(found)s.") % {"found": told}


def same_account_elsewhere(version: PayeeVersion) -> list[str]:
    """Keys of other payees whose details name the same account; one account under two names is looked into."""
    rows = PayeeVersion.objects.filter(account_fingerprint=version.account_fingerprint)
    rows = rows.exclude(payee=version.payee_id).exclude(state=PayeeDetailsState.REJECTED)
    return sorted(set(rows.values_list("payee__key", flat=True)))
