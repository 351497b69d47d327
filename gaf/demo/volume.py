"""Many requests of many missions, each through the real actions, to see what pages and lives cost in number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from finance.actions.payees import PayeeDetails
from finance.models import PayeeVersion
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.banking import reconcile
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.stage import Stage
from gaf.outbox.outbox import drain
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

# Two thousand of the smallest requests are measured; a few of the usual size wait for people in the demo.
SMALLEST = LineWritten("SHEL", "NE", "Transit centre", "person-night", "1", "6500", "XOF")
USUAL = LineWritten("SHEL", "NE", "Transit centre", "person-night", "21", "16000", "XOF")
# How far each of ten neighbouring requests goes; the last one lives its whole life.
WAITING_STOPS = (
    "draft",
    "submitted",
    "review",
    "taken",
    "plan",
    "budget",
    "to_approve",
    "approved",
    "funded",
    "paying",
)
STOPS = (*WAITING_STOPS, "closed")


def a_payee(stage: Stage) -> PayeeVersion:
    """A confirmed payee in Niger for all of them, whose details have cooled off."""
    details = PayeeDetails(
        "Transit centre", with_luhn_digit("2270010045318"), "XOF", "NE", bic="DEMONENIXXX", town="Agadez"
    )
    with clock.at(clock.now() - timedelta(days=3)):
        return do.called_back(stage, do.payee(stage, "moussa", "NE", details, "PARTNER"))


def asking(line: LineWritten = SMALLEST, priority: str = "P3") -> Asking:
    """A whole request of one person and one line."""
    day = clock.today() - timedelta(days=1)
    return Asking(
        mission="NE",
        language="fr",
        priority=priority,
        primary="STRANDED",
        persons=[PersonText("M", "25-39", "GN")],
        situation="Bloqué à la gare routière depuis une semaine.",
        alternatives=[AlternativeText("NO_FUNDS", "Programme national", day, "Plus de places.")],
        consent=ConsentText("WRITTEN", "fr", False, day, ("ASSISTANCE",)),
        help_asked=[(line.type, str(int(line.quantity) * int(line.unit_cost)), line.currency)],
    )


def live_until(stage: Stage, payee: PayeeVersion, stop: str, line: LineWritten = SMALLEST) -> str:
    """One request from its first word to a stop; returns its reference."""
    reference = do.write_request(stage, "amina", asking(line))
    for name, step in _steps(stage, payee, reference, line):
        if stop == name:
            break
        step()
        drain()
    return reference


def _steps(
    stage: Stage, payee: PayeeVersion, reference: str, line: LineWritten
) -> list[tuple[str, Callable[[], object]]]:
    def plan() -> None:
        do.write_plan(stage, "amina", reference, "Un toit.", [line])

    def budget() -> None:
        do.send_budget(stage, "amina", reference)
        do.approve(stage, "chen", reference)

    def reports() -> None:
        end_delivery(stage, "amina", reference)
        report_as_paid(stage, "moussa", "NE", reference, "Fait.")
        accept(stage, reference)
        close(stage, reference)

    return [
        ("draft", lambda: do.submit(stage, "amina", reference)),
        ("submitted", lambda: do.endorsed(stage, "idriss", reference)),
        ("review", lambda: do.take(stage, "bruno", reference)),
        ("taken", lambda: do.found_eligible(stage, "bruno", reference)),
        ("plan", plan),
        ("budget", lambda: do.send_budget(stage, "amina", reference)),
        ("to_approve", lambda: do.approve(stage, "chen", reference)),
        ("approved", lambda: do.certify(stage, reference)),
        ("funded", lambda: do.prepare(stage, reference, payee, "GVA-USD", ["L1"])),
        ("paying", lambda: _pay(stage, reference)),
        ("reporting", reports),
    ]


def _pay(stage: Stage, reference: str) -> None:
    """Release, file, bank, statement, match: the money's whole way."""
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    drain()
    stage.moment = stage.moment + timedelta(days=1)
    with clock.at(stage.moment):
        stage.bank().receive(clock.now())
    stage.moment = stage.moment + timedelta(days=1)
    with clock.at(stage.moment):
        reconcile(stage)
        drain()


def many(stage: Stage, payee: PayeeVersion, number: int, whole_lives: int) -> list[str]:
    """`number` requests: `whole_lives` of them closed, the others spread over every stop before money moves."""
    made = []
    for index in range(number):
        with clock.at(stage.moment):
            stop = "closed" if index < whole_lives else STOPS[index % 8]
            made.append(live_until(stage, payee, stop))
    return made
