"""Says of each story what the database says of it, and whether that is what the story promises."""

from __future__ import annotations

from dataclasses import dataclass

from finance.books import books_summary
from finance.models import StatementLine
from finance.queries import money_of
from finance.states import StatementLineState
from gaf.decisions.models import Decision
from gaf.demo.stories.told import Told
from gaf.money import Money


@dataclass(frozen=True)
class Line:
    """One line of the demo's output, and what in it is not as it should be."""

    text: str
    problems: list[str]


def path_of(reference: str) -> str:
    """The states a request went through, in order, as its decisions left them."""
    states: list[str] = []
    rows = Decision.objects.filter(subject=reference).order_by("number").values_list("to_state", flat=True)
    for state in rows:
        if not states or states[-1] != state:
            states.append(state)
    return " ".join(states)


def approved_amount(reference: str) -> Money:
    """What the last approval decided, and later ones of deferred lines and of amendments."""
    acts = Decision.objects.filter(subject=reference)
    last = acts.filter(act="approve_budget").order_by("-number").first()
    later = sum(line["usd"] for act in acts.filter(act="approve_deferred_line") for line in act.facts["lines"])
    amended = Decision.objects.filter(act="approve_amendment", reference=reference)
    more = sum(act.facts["delta_usd_minor"] for act in amended)
    return Money((last.amount_minor or 0 if last else 0) + later + more, "USD")


def tell(told: Told) -> Line:
    """One story: reference, path, amounts approved / paid / reconciled, closed or why not."""
    money, path = money_of(told.reference), path_of(told.reference)
    approved, paid, reconciled = approved_amount(told.reference), money.disbursed, money.reconciled
    problems = [
        f"{name} is {found}, and the story says {wanted}"
        for name, found, wanted in (
            ("path", path, told.path),
            ("approved", str(approved.decimal), told.approved),
            ("paid", str(paid.decimal), told.paid),
            ("reconciled", str(reconciled.decimal), told.reconciled),
            *((name, told.found.get(name, "nothing"), wanted) for name, wanted in told.checks.items()),
        )
        if found != wanted
    ]
    ended = path.rsplit(" ", 1)[-1]
    why = "closed" if ended == "CLOSED" else f"not closed: {ended.lower().replace('_', ' ')} {_reason(told.reference)}"
    text = (
        f"{told.code}  {told.reference}  {path.replace(' ', ' → ')}\n"
        f"     approved {approved} / paid {paid} / reconciled {reconciled} · {why.strip()}"
    )
    if told.found:
        text += "\n     " + " · ".join(f"{name} {value}" for name, value in told.found.items())
    return Line(text, problems)


def _reason(reference: str) -> str:
    last = Decision.objects.filter(subject=reference).exclude(reason_code="").order_by("-number").first()
    return f"({last.reason_code.lower()})" if last else ""


def tell_books() -> Line:
    """The books in one line, read back from journals, disbursements and statement lines, every invariant proved."""
    summary = books_summary()
    aside = StatementLine.objects.filter(state=StatementLineState.SET_ASIDE).count()
    problems = []
    if summary.first_broken is not None:
        problems.append(f"books: {summary.first_broken.row}: {summary.first_broken.what}")
    if summary.unexplained:
        problems.append(f"books: {summary.unexplained} statement lines are not explained")
    return Line(f"{summary} ({aside} set aside with a reason)", problems)
