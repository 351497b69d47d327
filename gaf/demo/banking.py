"""The fund's banking days in the demo: the bank works every evening, Esi reconciles every Friday."""

from __future__ import annotations

from datetime import datetime, timedelta

from finance.actions.choosing import BOOKED_ALONE, match_by_rule
from finance.actions.matching import match_line, set_aside_line
from finance.actions.rules_in_force import rule_about
from finance.actions.statement_files import save_mapping, shape_of
from finance.actions.statements import import_statement
from finance.actions.stripe_statement import import_stripe_statement
from finance.models import BankAccount, CsvMapping, Statement, StatementLine
from finance.stand_ins.bank_other_formats import CSV_COLUMNS
from finance.states import Rail, StatementLineState
from gaf import clock
from gaf.demo.match_rules import pay_interest, write_rules
from gaf.demo.screening import fetch_list
from gaf.demo.stage import Stage, Story

# The bank's statements come in turn in each of the formats it writes.
WRITTEN = ("camt.053", "MT940", "CSV")


def banking(stage: Stage, first: datetime, last: datetime) -> Story:
    """Every evening the bank and Stripe go on; every Friday their statements are taken in and matched.

    A newer sanctions list is fetched on the first evening and on the first of each month.
    """
    day = first.replace(hour=17, minute=0)
    while day <= last:
        yield day
        if day == first.replace(hour=17, minute=0) or day.day == 1:
            fetch_list()
        if day == first.replace(hour=17, minute=0):
            write_rules(stage)
        if day.day == 1:
            pay_interest(stage)
        stage.bank().receive(clock.now())
        stage.stripe.advance(0)
        stage.deliver_stripe_messages()
        if day.weekday() == 4:
            yield day + timedelta(hours=1)
            reconcile(stage)
        day += timedelta(days=1)


def early_days(stage: Stage) -> Story:
    """The bank's evenings of the autumn before, when somebody was helped for the first time."""
    first, last = stage.at("2025-09-22 17:00"), stage.at("2025-10-24 17:00")
    day = first
    while day <= last:
        yield day
        if day == first:
            fetch_list()
        stage.bank().receive(clock.now())
        if day.weekday() == 4:
            reconcile(stage)
        day += timedelta(days=1)


def reconcile(stage: Stage) -> None:
    """Esi takes in each account's statement, matches what its exact reference names, sets the rest aside."""
    esi = stage.who("esi")
    for account in BankAccount.objects.order_by("code"):
        if account.rail == Rail.STRIPE:
            import_stripe_statement(bank_account=account, actor=esi, at=clock.now())
        else:
            written = WRITTEN[statements_taken_in() % len(WRITTEN)]
            path = stage.bank().statement(account.number, account.opened_on, clock.today(), written)
            shape = shape_of(mapping_of(account, stage)) if written == "CSV" else None
            import_statement(content=path.read_bytes(), actor=esi, at=clock.now(), shape=shape)
    for line in _open_lines(StatementLineState.PROPOSED):
        match_line(line_id=line.pk, actor=esi, at=clock.now())
    for line in _open_lines(StatementLineState.UNMATCHED):
        _explain(line, stage)


def mapping_of(account: BankAccount, stage: Stage) -> CsvMapping:
    """How the bank writes its lists of an account: saved by Esi the first time, and read by that ever after."""
    saved = CsvMapping.objects.filter(bank_account=account).order_by("-version").first()
    if saved is not None:
        return saved
    facts = {"delimiter": ";", "decimal_mark": ",", "date_order": "DMY", "columns": CSV_COLUMNS}
    facts["name"] = f"Lists of {account.code}"
    return save_mapping(bank_account=account, facts=facts, actor=stage.who("esi"), at=clock.now())


def _open_lines(state: str) -> list[StatementLine]:
    rows = StatementLine.objects.filter(state=state).select_related("statement__bank_account")
    return list(rows.order_by("statement__imported_at", "statement_id", "number"))


def _explain(line: StatementLine, stage: Stage) -> None:
    """A line no reference names: a return whose debit was matched a moment ago, a rule's, or a stranger's money."""
    from finance.actions.proposals import candidate

    esi = stage.who("esi")
    if candidate(line) is not None:
        match_line(line_id=line.pk, actor=esi, at=clock.now())
        return
    rule = rule_about(line)
    if rule is not None and rule.classifies in BOOKED_ALONE:
        match_by_rule(line_id=line.pk, actor=esi, at=clock.now())
        return
    set_aside_line(
        line_id=line.pk,
        reason_code="unknown_sender",
        reason="Nobody we know. The bank was asked who sent it.",
        actor=esi,
        at=clock.now(),
    )


def statements_taken_in() -> int:
    """How many statements the books hold."""
    return Statement.objects.count()
