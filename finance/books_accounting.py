"""What must be true of accounting: each step accepted, and each tranche, is what journals and decisions say it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from finance import postings
from finance.books_registry import Broken, Reading, check
from finance.models import Acceptance, Commitment, Journal, RefundDue, Tranche
from finance.states import TrancheState
from gaf.decisions.models import Decision
from gaf.money import Money

_ACCOUNTED = "account_for_tranche"


@check(
    "ACCEPTED",
    "every step of accounting is what its journal and the refunds due say, and no more than was paid",
    part_of="I3",
)
def acceptances_agree(reading: Reading) -> Iterator[Broken]:
    """Step by step with its own journal; then each commitment with what is due back on it."""
    steps: dict[int, list[Acceptance]] = defaultdict(list)
    booked = set()
    rows = Acceptance.objects.select_related("commitment", "journal").prefetch_related("journal__lines__account")
    for step in rows.order_by("id"):
        steps[step.commitment_id].append(step)
        booked.add(step.journal_id)
        for what in _step_differs(step):
            yield Broken(_step_name(step), what)
    for journal in Journal.objects.filter(kind="accept").exclude(pk__in=booked).order_by("number"):
        yield Broken(f"journal {journal.number}", "accepts what no step of accounting says")
    yield from _refunds_agree(steps)
    yield from _no_more_than_was_paid(steps)


def _step_name(step: Acceptance) -> str:
    return f"acceptance {step.commitment.reference} {step.commitment.line_key} step {step.number}"


def _step_differs(step: Acceptance) -> Iterator[str]:
    """What a step says that its journal does not."""
    commitment, journal = step.commitment, step.journal
    if journal.key != f"accept:{commitment.reference}:{commitment.line_key}:{step.number}" or journal.at != step.at:
        yield "belongs to another step, line or moment by its journal"
    if step.currency != commitment.currency:
        yield "is in another currency than its line"
    sums: dict[str, int] = defaultdict(int)
    for line in journal.lines.all():
        sums[line.account.code] += line.minor
    rest = Money(step.minor - step.accepted_minor, step.currency)
    rest_usd = rest.in_usd(commitment.units_per_usd).minor if step.accepted_minor else step.usd_minor
    for word, said, account, sign in (
        ("accounted for", step.usd_minor, postings.ADVANCES, -1),
        ("due back", rest_usd, postings.REFUNDS_DUE, 1),
        ("accepted", step.usd_minor - rest_usd, postings.ASSISTANCE, 1),
    ):
        if said != sign * sums[account]:
            yield f"says {_usd(said)} {word}, its journal says {_usd(sign * sums[account])}"


def _usd(minor: int) -> Money:
    return Money(minor, "USD")


def _refunds_agree(steps: dict[int, list[Acceptance]]) -> Iterator[Broken]:
    """What was not accepted of a line is due back on it, what was disallowed under its reason."""
    due: dict[tuple[int, str], int] = defaultdict(int)
    reasons: dict[int, set[str]] = defaultdict(set)
    for refund in RefundDue.objects.order_by("id"):
        due[(refund.commitment_id, refund.kind)] += refund.minor
        if refund.kind == RefundDue.Kind.DISALLOWED:
            reasons[refund.commitment_id].add(refund.reason_code)
    for pk, told in steps.items():
        disallowed = sum(step.disallowed_minor for step in told)
        unspent = sum(step.minor - step.accepted_minor for step in told) - disallowed
        found = (due[(pk, RefundDue.Kind.DISALLOWED)], due[(pk, RefundDue.Kind.UNSPENT)])
        if found != (disallowed, unspent):
            yield Broken(_step_name(told[-1]), "with those before it leaves another amount than is due back")
        if {step.reason_code for step in told if step.disallowed_minor} != reasons[pk]:
            yield Broken(_step_name(told[-1]), "disallows for another reason than the refund due names")


def _no_more_than_was_paid(steps: dict[int, list[Acceptance]]) -> Iterator[Broken]:
    """Of one line of a request, whichever of its commitments bore it."""
    paid: dict[tuple[str, str], int] = defaultdict(int)
    for one in Commitment.objects.all():
        paid[(one.reference, one.line_key)] += one.disbursed_local_minor
    accounted: dict[tuple[str, str], list[Acceptance]] = defaultdict(list)
    for told in steps.values():
        accounted[(told[0].commitment.reference, told[0].commitment.line_key)] += told
    for place, told in accounted.items():
        if sum(step.minor for step in told) > paid[place]:
            yield Broken(_step_name(told[-1]), "with those before it accounts for more than was paid")


@check("TRANCHES", "every tranche is what was planned, opened and accounted for by decisions", part_of="I6")
def tranches_agree(reading: Reading) -> Iterator[Broken]:
    """Amount, condition and moments by the decisions; accounted for by a step that says the same."""
    opened: dict[int, int] = defaultdict(int)
    commitments: dict[int, Commitment] = {}
    for tranche in Tranche.objects.select_related("commitment").order_by("commitment_id", "number"):
        commitments[tranche.commitment_id] = tranche.commitment
        opened[tranche.commitment_id] += tranche.minor if tranche.state != TrancheState.WAITING else 0
        for what in (*_plan_differs(reading, tranche), *_moment_differs(reading, tranche)):
            yield Broken(f"tranche {tranche.key}", what)
        accounted = reading.last(tranche.key, _ACCOUNTED)
        if accounted is not None and not _has_its_step(tranche, accounted):
            yield Broken(f"tranche {tranche.key}", "was accounted for, and no step of accounting says so")
    for pk, commitment in commitments.items():
        if commitment.disbursed_local_minor > opened[pk]:
            place = f"{commitment.reference} {commitment.line_key}"
            yield Broken(f"commitment {place}", "has given out more than its open tranches")


def _plan_differs(reading: Reading, tranche: Tranche) -> Iterator[str]:
    commitment = tranche.commitment
    if tranche.key != f"{commitment.reference}/{commitment.line_key}/T{tranche.number}":
        yield "stands on another line or in another place than its key says"
    planned = reading.last(tranche.key, "plan_tranches")
    if planned is None:
        yield "was never planned"
        return
    said: dict[str, object] = {
        "minor": tranche.minor,
        "currency": tranche.currency,
        "condition": tranche.condition,
        "not_before": tranche.not_before.isoformat() if tranche.not_before else "",
    }
    changed = sorted(word for word, now in said.items() if planned.facts.get(word, now) != now)
    if changed:
        yield f"differs from what was planned in {', '.join(changed)}"


def _moment_differs(reading: Reading, tranche: Tranche) -> Iterator[str]:
    act = "plan_tranches" if tranche.number == 1 else "open_tranche"
    opening = reading.last(tranche.key, act)
    moment = opening.at if opening else None
    if tranche.opened_at != moment:
        yield "was opened at another moment than was decided"


def _has_its_step(tranche: Tranche, accounted: Decision) -> bool:
    facts = accounted.facts
    return Acceptance.objects.filter(
        commitment=tranche.commitment_id,
        at=accounted.at,
        minor=tranche.minor,
        accepted_minor=facts.get("accepted", -1),
        disallowed_minor=facts.get("disallowed", -1),
        currency=facts.get("currency", ""),
    ).exists()
