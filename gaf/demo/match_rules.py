"""The demo's rules of matching: interest and returns in force, a band of the exchange that waits for Helena."""

from __future__ import annotations

from finance.actions.match_rules import Conditions, activate_match_rule, try_match_rule, write_match_rule
from finance.models import BankAccount
from gaf import clock
from gaf.demo.stage import Stage
from gaf.money import Money

IN_FORCE = (
    Conditions("Interest of the bank", "INTEREST", incoming=True, contains=("INTEREST",)),
    Conditions("Sent back without a mark", "RETURN", incoming=True, contains=("RETURNED FUNDS",)),
)
WAITING = Conditions("Dinars through Kuwait", "EXCHANGE", contains=("KUWAIT",), currency="USD", band_bp=150)


def write_rules(stage: Stage) -> None:
    """Esi writes and tests them, Helena puts two in force."""
    esi, helena = stage.who("esi"), stage.who("helena")
    for conditions in (*IN_FORCE, WAITING):
        rule = write_match_rule(conditions=conditions, actor=esi, at=clock.now())
        try_match_rule(rule_id=rule.pk, actor=esi, at=clock.now())
        if conditions is not WAITING:
            activate_match_rule(rule_id=rule.pk, actor=helena, at=clock.now())


def pay_interest(stage: Stage) -> None:
    """The bank pays a little on its first account in US dollars."""
    account = BankAccount.objects.filter(rail="BANK_FILE", currency="USD").order_by("code")[0]
    stage.bank().pay_interest(account.number, Money(1_240, "USD"), clock.today())
