"""Mails about money: a number and a link to the person whose turn it is."""

from __future__ import annotations

from finance.models import Attempt, Disbursement, GatewayEvent, PayeeVersion, PaymentFile, RailPause, ScreeningHit
from gaf.accounts.queries import people_with
from gaf.accounts.roles import Role
from gaf.notices import tell


def tell_confirmers(version: PayeeVersion) -> None:
    """New details wait for a call-back."""
    key = version.decision_subject()
    tell(
        people_with(Role.PAYEE_CONFIRMER),
        "payee_to_confirm",
        reference=version.payee.key,
        path=f"/payees/{version.payee.key}/",
        key=key,
    )


def tell_clearers(version: PayeeVersion, hit: ScreeningHit, key: str = "") -> None:
    """A name like one on a sanctions list waits for two people who compare; `key` when they are told once more."""
    people = people_with(Role.PAYEE_CONFIRMER) | people_with(Role.FUND_MANAGER)
    tell(
        people.distinct(),
        "hit_to_clear",
        reference=version.payee.key,
        path=f"/payees/{version.payee.key}/",
        key=key or hit.key,
    )


def tell_payers(disbursement: Disbursement) -> None:
    """A disbursement waits for release."""
    tell(
        people_with(Role.PAYER),
        "disbursement_to_release",
        reference=disbursement.reference,
        path=f"/requests/{disbursement.reference}/release/",
        key=disbursement.number,
    )


def tell_second_signers(payment_file: PaymentFile) -> None:
    """A file was signed once and waits for the second signature."""
    people = people_with(Role.CERTIFYING_OFFICER) | people_with(Role.FUND_MANAGER)
    tell(
        people.distinct(),
        "file_to_sign",
        reference=payment_file.message_id,
        path=f"/disbursements/files/{payment_file.message_id}/",
        key=payment_file.message_id,
    )


def tell_of_recalled(payment_file: PaymentFile) -> None:
    """A file signed by two did not leave: a payee in it was listed meanwhile."""
    people = people_with(Role.PAYER) | people_with(Role.FUND_MANAGER)
    tell(
        people.distinct(),
        "file_recalled",
        reference=payment_file.message_id,
        path=f"/disbursements/files/{payment_file.message_id}/",
        key=payment_file.message_id,
    )


def tell_of_pause(pause: RailPause) -> None:
    """Nothing leaves by a rail until what stopped it is mended."""
    people = people_with(Role.PAYER) | people_with(Role.FUND_MANAGER)
    tell(people.distinct(), "rail_paused", reference=pause.key, path="/disbursements/rails/", key=pause.key)


def tell_of_held(disbursement: Disbursement, attempt: Attempt) -> None:
    """The worker leaves a disbursement alone until a person has looked."""
    people = people_with(Role.PAYER) | people_with(Role.FUND_MANAGER)
    tell(
        people.distinct(),
        "disbursement_held",
        reference=disbursement.number,
        path=f"/disbursements/{disbursement.number}/",
        key=f"{attempt.key}:{attempt.held_code}",
    )


def tell_of_stranded(disbursement: Disbursement) -> None:
    """A payout failed, and its money could not be fetched back yet."""
    people = people_with(Role.PAYER) | people_with(Role.FUND_MANAGER)
    path = f"/disbursements/{disbursement.number}/"
    tell(people.distinct(), "money_stranded", reference=disbursement.number, path=path, key=disbursement.number)


def tell_of_quarantine(event: GatewayEvent) -> None:
    """A provider's message was genuine and none of ours."""
    people = people_with(Role.PAYER) | people_with(Role.SYSTEM_ADMINISTRATOR)
    tell(
        people.distinct(),
        "message_quarantined",
        reference=f"{event.pk}",
        path="/disbursements/rails/",
        key=f"{event.pk}",
    )
