"""What must hold of a payee's details at the moment money is let go, and what looks like paying twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from finance.models import Disbursement, PayeeVersion
from finance.objections import objections_of
from finance.screening.standing import newest_list, screening_refusals_by
from finance.states import DisbursementState, PayeeDetailsState
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.sealing import unseal_all
from gaf.templatetags.formats import plain_moment, short_day
from gaf.thresholds import threshold

S = DisbursementState
# Nothing of these can reach the payee any more.
_CAME_TO_NOTHING = (S.STOPPED, S.FAILED, S.RETURNED)


def ready_at(version: PayeeVersion, hours: int | None = None) -> datetime | None:
    """When confirmed details have cooled off (`payee_cooling_off_hours`); None while they are not confirmed."""
    if version.confirmed_at is None:
        return None
    return version.confirmed_at + timedelta(hours=threshold("payee_cooling_off_hours") if hours is None else hours)


def cooling_refusal(version: PayeeVersion, at: datetime, hours: int | None = None) -> Refusal | None:
    """PAYEE-10: details are not paid in the first hours after their confirmation, whoever asks and however urgent.

    Who asks about many details reads the `hours` once.
    """
    ready = ready_at(version, hours)
    if ready is None or ready <= at:
        return None
    return Refusal(
        "PAYEE-10",
        _("The payee is not paid yet."),
        _("The details of %(payee)s were confirmed a short time ago. They can be paid from %(when)s.")
        % {"payee": version.decision_subject(), "when": plain_moment(ready)},
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
    """Everything that stands against a release now: seal, cooling-off, sanctions, and what a room above objects to."""
    return release_refusals_of([disbursement], at)[disbursement.pk]


def release_refusals_of(disbursements: Sequence[Disbursement], at: datetime) -> dict[int, list[Refusal]]:
    """The same of many disbursements by their number in the database, in a fixed number of questions."""
    versions = [row.payee_version for row in disbursements]
    return release_refusals_by(newest_list(versions), disbursements, at)


def release_refusals_by(newest: Any, disbursements: Sequence[Disbursement], at: datetime) -> dict[int, list[Refusal]]:
    """The same where the newest list was read for their payees (`newest_list`)."""
    versions = [row.payee_version for row in disbursements]
    unseal_all(sealed for one in versions for sealed in (one.holder, one.account, one.bank, one.town))  # keys at hand
    found = {row.pk: seal_refusals(row) for row in disbursements}
    sealed = [row for row in disbursements if not found[row.pk]]
    if not sealed:
        return found
    objections = objections_of(sealed, at)
    hours = threshold("payee_cooling_off_hours")
    screened = screening_refusals_by(newest, [row.payee_version for row in sealed], at)
    for row in sealed:
        cooling = cooling_refusal(row.payee_version, at, hours)
        found[row.pk] = [*objections[row.pk], *([cooling] if cooling else []), *screened[row.payee_version_id]]
    return found


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


def duplicates_among(disbursements: Sequence[Disbursement], at: datetime) -> dict[int, list[Disbursement]]:
    """What `duplicates_of` finds for each of many, by their number in the database, in two questions."""
    since = at - timedelta(days=threshold("duplicate_payment_days"))
    rows = Disbursement.objects.filter(
        reference__in={row.reference for row in disbursements}, prepared_at__gt=since, prepared_at__lte=at
    )
    like: dict[tuple[str, int, str, str], list[Disbursement]] = {}
    for row in rows.exclude(state__in=_CAME_TO_NOTHING).select_related("payee_version").order_by("number"):
        like.setdefault(_looks(row), []).append(row)
    return {row.pk: [one for one in like.get(_looks(row), []) if one.pk != row.pk] for row in disbursements}


def looks_like_another() -> Exists:
    """Whether the same amount went for the same request to the same account at any time, as a column of a question
    about disbursements; of one that has none `duplicates_among` need not be asked."""
    same = {name: OuterRef(name) for name in ("reference", "minor", "currency", "payee_version__account_fingerprint")}
    others = Disbursement.objects.filter(**same).exclude(pk=OuterRef("pk"))
    return Exists(others.exclude(state__in=_CAME_TO_NOTHING))


def _looks(row: Disbursement) -> tuple[str, int, str, str]:
    return (row.reference, row.minor, row.currency, row.payee_version.account_fingerprint)


def duplicate_words(found: list[Disbursement]) -> str:
    """What looks like the same payment, in words."""
    told = ", ".join(f"{one.number} ({one.get_state_display()}, {short_day(one.prepared_at)})" for one in found)
    return _("The same amount goes to the same account for the same request: %(found)s.") % {"found": told}


def same_account_elsewhere(version: PayeeVersion) -> list[str]:
    """Keys of other payees whose details name the same account; one account under two names is looked into."""
    rows = PayeeVersion.objects.filter(account_fingerprint=version.account_fingerprint)
    rows = rows.exclude(payee=version.payee_id).exclude(state=PayeeDetailsState.REJECTED)
    return sorted(set(rows.values_list("payee__key", flat=True)))
