"""Lists of UN operational rates: imported whole by one person, approved whole by another, never edited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.chart import ensure_positions
from finance.models import ExchangeRate, RateList
from finance.periods import day_of
from finance.rate_lists import ListedRate, WrongList, read_list, sha256_of, text_of
from finance.states import RateListState, RateState
from gaf.accounts.models import User
from gaf.decisions.record import record_decision
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.templatetags.formats import short_day


def _wrong(code: str, why: str, next_step: str) -> WrongList:
    return WrongList(code, _("The list of rates was not imported."), why, next_step)


@in_one_piece
def import_rates(
    *,
    content: bytes,
    kind: str,
    source: str,
    actor: User,
    at: datetime,
    file_name: str = "",
    counts_from: date | None = None,
) -> RateList:
    """Import a published list; none of its rates counts before a second person approves it.

    `counts_from` is the day from which a list that came late is to count; its own day stays in the file. Rates that are
    in force already with the same value are left as they are. Raises WrongList RATE-04 to RATE-08, RATE-10.
    """
    listed = read_list(content)
    if counts_from is not None:
        listed = [ListedRate(rate.currency, max(rate.day, counts_from), rate.units) for rate in listed]
    digest = sha256_of(content)
    if RateList.objects.filter(file_sha256=digest).exclude(state=RateListState.DISCARDED).exists():
        raise _wrong("RATE-10", _("This file was imported before."), _("Look at the list as it is now."))
    new = _new_rates(listed, day_of(at))
    key = f"RATES-{max(rate.day for rate in new).isoformat()}-{digest[:6].upper()}"
    made = RateList(
        key=f"{key}-{RateList.objects.filter(key__startswith=key).count() + 1}",
        kind=kind,
        source=source,
        file_name=file_name[:80],
        file_sha256=digest,
        content=text_of(content),
        rows=[[rate.currency, rate.day.isoformat(), str(rate.units)] for rate in new],
        imported_by=actor,
        imported_at=at,
    )
    role = policy.MAY_IMPORT_RATES.require(Question(made, "import_rates", actor))
    facts = {"sha256": digest, "kind": kind, "rows": made.rows}
    first_decision(subject=made, act="import_rates", actor=actor, role=role, at=at, facts=facts)
    made.save(force_insert=True)
    return made


def _new_rates(listed: list[ListedRate], today: date) -> list[ListedRate]:
    """The rates that are not in force already. Raises WrongList RATE-03, RATE-08 or RATE-10."""
    known = _known({rate.currency for rate in listed})
    new = []
    for rate in listed:
        same_day = known.get((rate.currency, rate.day))
        if same_day == rate.units or (rate.day < today and _in_force(known, rate) == rate.units):
            continue
        if same_day is not None:
            raise _wrong(
                "RATE-03",
                _("%(currency)s has another rate from %(day)s already: %(units)s.")
                % {"currency": rate.currency, "day": short_day(rate.day), "units": same_day.normalize()},
                _("A rate is never edited; a new list counts from another day."),
            )
        if rate.day < today:
            raise _wrong(
                "RATE-08",
                _("The rate of %(currency)s would count from %(day)s, which has passed.")
                % {"currency": rate.currency, "day": short_day(rate.day)},
                _("Say from which day on the list is to count; nothing that was booked is converted again."),
            )
        new.append(rate)
    if not new:
        raise _wrong("RATE-10", _("Every rate of it is in force already."), _("Nothing needs to be done."))
    return new


def _known(currencies: Iterable[str]) -> dict[tuple[str, date], Decimal]:
    rows = ExchangeRate.objects.filter(currency__in=list(currencies))
    return {(rate.currency, rate.effective_from): rate.units_per_usd for rate in rows}


def _in_force(known: dict[tuple[str, date], Decimal], rate: ListedRate) -> Decimal | None:
    """What is known for a currency on the listed day, from then or from an earlier day."""
    days = [day for currency, day in known if currency == rate.currency and day <= rate.day]
    return known[(rate.currency, max(days))] if days else None


def rows_of(rate_list: RateList) -> list[ListedRate]:
    """The rates a list brings."""
    return [ListedRate(code, date.fromisoformat(day), Decimal(units)) for code, day, units in rate_list.rows]


def missing_from(rate_list: RateList) -> list[str]:
    """Currencies with a rate in force that the file does not name; they keep the rate they have."""
    named = {rate.currency for rate in read_list(rate_list.content.encode())}
    known = ExchangeRate.objects.filter(state=RateState.APPROVED).values_list("currency", flat=True).distinct()
    return sorted(set(known.order_by()) - named)


@in_one_piece
def approve_rates(*, list_id: int, actor: User, at: datetime, seen_version: int | None = None) -> RateList:
    """A second person compared the list with where it was published: every rate of it counts from its day.

    Raises WrongList RATE-03 when another rate of the same day was entered since, RATE-08 when its day has passed.
    """
    with acting(RateList, list_id, act="approve_rates", actor=actor, at=at, seen_version=seen_version) as doing:
        rate_list: RateList = doing.subject
        new = _new_rates(rows_of(rate_list), day_of(at))
        role = policy.MAY_APPROVE_RATES.role_used(Question(rate_list, "approve_rates", actor))
        ExchangeRate.objects.bulk_create([_put_in_force(rate_list, rate, actor, role, at) for rate in new])
        ensure_positions([rate.currency for rate in new])
        rate_list.approve_rates(by=actor)
        doing.facts = {"sha256": rate_list.file_sha256, "rates": len(new)}
    return rate_list


def _put_in_force(rate_list: RateList, rate: ListedRate, actor: User, role: str, at: datetime) -> ExchangeRate:
    """The rate as it counts, not written yet; what was decided on it is written first, for the database asks for it."""
    made = ExchangeRate(
        currency=rate.currency,
        effective_from=rate.day,
        units_per_usd=rate.units,
        source=rate_list.source,
        rate_list=rate_list,
        entered_by_id=rate_list.imported_by_id,
        approved_by=actor,
        state=RateState.APPROVED,
    )
    record_decision(
        act="approve_rate",
        actor=actor,
        role=role,
        at=at,
        subject=made.decision_subject(),
        reference=made.decision_reference(),
        to_state=RateState.APPROVED,
        facts={"units_per_usd": str(rate.units), "list": rate_list.key},
    )
    return made


def discard_rates(*, list_id: int, reason: str, actor: User, at: datetime) -> RateList:
    """The wrong file; none of its rates ever counted. The file is kept."""
    with acting(RateList, list_id, act="discard_rates", actor=actor, at=at, reason=reason) as doing:
        doing.subject.discard_rates()
    return doing.subject
