"""Why a payment file was not written, or a statement was not read. The codes are stable; the words are translated."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.refusals import Refusal


class PaymentFileRefused(Refusal):
    """A payment file that cannot be written (BANK-01 to BANK-10). No bytes exist after it."""


class StatementRefused(Refusal):
    """A statement file that cannot be trusted (STMT-01 to STMT-25). The whole file is refused; none of it is read."""


def refuse_payment_file(code: str, why: str, next_step: str | None = None) -> PaymentFileRefused:
    """The refusal of a payment file, with the usual next step unless another is named."""
    return PaymentFileRefused(
        code,
        _("The payment file was not written."),
        why,
        next_step or _("Correct the disbursement named here and write the file again."),
    )


def refuse_statement(code: str, why: str, next_step: str | None = None) -> StatementRefused:
    """The refusal of a statement file, with the usual next step unless another is named."""
    return StatementRefused(
        code,
        _("The statement file was not read; nothing was imported."),
        why,
        next_step or _("Ask the bank for the file again. Do not change it by hand."),
    )
