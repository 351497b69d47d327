"""Whether a request would help somebody again whom the fund helped not long ago, as far as two requests were joined.

A request kept to named people counts for no other: the refusal itself would tell of it.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gaf.decisions.models import Decision
from gaf.decisions.so_far import decided_so_far, may_have_done
from gaf.privacy.models import StrictCase
from gaf.refusals import Refusal
from gaf.thresholds import threshold
from workflow.calendar_days import months_after
from workflow.models import AssistanceRequest, KnownPerson
from workflow.states import RequestState

_KEPT = "_needs_exceptional_approval"


def counts_until(approved_at: datetime | None) -> datetime | None:
    """Until when help that was approved then makes later help a repeated one; None where nothing was approved."""
    if approved_at is None:
        return None
    months = threshold("repeat_assistance_months", approved_at.date())
    return datetime.combine(months_after(approved_at.date(), months), approved_at.timetz())


def earlier_help(assistance: AssistanceRequest, at: datetime) -> QuerySet[KnownPerson]:
    """Persons of this request as another request knows them, which helped them not long before."""
    here = KnownPerson.objects.filter(person__assistance=assistance, person__left_code="").values("known_key")
    rows = KnownPerson.objects.filter(known_key__in=here, helped_until__gt=at).exclude(person__assistance=assistance)
    strict = StrictCase.objects.values("reference")
    return rows.exclude(person__assistance__state=RequestState.CANCELLED).exclude(
        person__assistance__reference__in=strict
    )


def was_allowed(assistance: AssistanceRequest) -> bool:
    """Whether the fund manager gave an exceptional approval."""
    may_be = may_have_done(assistance, "allow_repeated_help")
    return may_be and Decision.objects.filter(subject=assistance.reference, act="allow_repeated_help").exists()


def needs_exceptional_approval(assistance: AssistanceRequest, at: datetime) -> bool:
    """Whether the budget waits for the fund manager to say that help may be given again."""
    if decided_so_far(assistance) is None:
        return earlier_help(assistance, at).exists() and not was_allowed(assistance)
    if _KEPT not in assistance.__dict__:  # within one act it is asked once
        assistance.__dict__[_KEPT] = earlier_help(assistance, at).exists() and not was_allowed(assistance)
    return bool(assistance.__dict__[_KEPT])


def require_no_repeat(assistance: AssistanceRequest, at: datetime) -> None:
    """Raises Refusal REPEAT-01 where somebody was helped not long ago and no exceptional approval was given."""
    together = list(KnownPerson.objects.filter(person__assistance=assistance).values_list("known_key", flat=True))
    list(KnownPerson.objects.select_for_update().filter(known_key__in=together))
    if not together:
        assistance.__dict__[_KEPT] = False  # nobody of them is known from elsewhere
    if needs_exceptional_approval(assistance, at):
        raise Refusal("REPEAT-01", _("The budget was not approved."), repeat_words(), _("Ask the fund manager."))


def repeat_words() -> str:
    """What an approver reads; which other request it was is not said."""
    return _("The fund helped a person of this request within the last %(months)s months; it needs an exception.") % {
        "months": threshold("repeat_assistance_months")
    }


def note_help(assistance: AssistanceRequest, at: datetime) -> None:
    """From the approval on, help to these persons counts where they ask again."""
    KnownPerson.objects.filter(person__assistance=assistance).update(helped_until=counts_until(at))
