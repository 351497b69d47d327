"""`manage.py setup`: a real installation from a plan, whole or not begun, and harmless a second time."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from finance.books import books_summary
from finance.models import BankAccount, ExchangeRate, FundingStream, Receipt
from gaf.accounts.models import Mission, RoleAssignment, User
from gaf.decisions.models import Decision, SeparationRule, Threshold
from workflow.models import CriteriaSet

EXAMPLE = Path(settings.BASE_DIR) / "fixtures" / "installation.example.toml"


def setup(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("setup", *words, stdout=out)
    return out.getvalue()


def counts() -> list[int]:
    """How many rows of each kind there are."""
    kinds = (
        User,
        RoleAssignment,
        BankAccount,
        FundingStream,
        Receipt,
        ExchangeRate,
        SeparationRule,
        CriteriaSet,
        Decision,
    )
    return [kind.objects.count() for kind in kinds]


def a_plan_without(tmp_path: Path, line: str, instead: str = "") -> Path:
    """The example with one of its lines changed."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert line in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(line, instead), encoding="utf-8")
    return path


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
class TestAnInstallation:
    def test_stands_with_everything_the_fund_starts_from_and_a_second_run_changes_nothing(self):
        told = setup("--from", str(EXAMPLE))
        first = counts()

        assert Mission.objects.count() == 44
        assert Threshold.objects.filter(code="preapproval_limit_usd").get().value == 150_000
        assert CriteriaSet.objects.get().criteria.count() == 8
        assert books_summary().is_balanced
        assert "tunde@gaf.example sets a password once at:" in told
        assert not any(person.has_usable_password() for person in User.objects.all())

        setup("--from", str(EXAMPLE))

        assert counts() == first


@pytest.mark.django_db
class TestAPlan:
    def test_that_is_whole_passes_the_check_and_writes_nothing(self):
        before = counts()

        assert "can be carried out" in setup("--from", str(EXAMPLE), "--check")

        assert counts() == before

    @pytest.mark.parametrize(
        ("line", "instead", "fault"),
        [
            ('rates_approved = "viktor@gaf.example"', 'rates_approved = "marie@gaf.example"', "take two people"),
            ('rules_proposed = "helena@gaf.example"', 'rules_proposed = "nobody@gaf.example"', "nobody of the plan"),
            ('role = "system_administrator"', 'role = "emperor"', "“emperor” is not a role"),
            ('instrument = "DOA-2026-CHEN"', "", "a delegation names its instrument"),
            ('account = "STRIPE"', 'account = "STRIP"', "its account or stream is not in the plan"),
            ('currency = "KWD"', 'currency = "KWX"', "“KWX” is not a currency"),
            ("starts_on = 2026-01-01", "", "“starts_on” is missing at the top"),
        ],
    )
    def test_with_a_fault_is_refused_whole_and_says_which(self, tmp_path, line, instead, fault):
        before = counts()

        with pytest.raises(CommandError, match="cannot be carried out") as refused:
            setup("--from", str(a_plan_without(tmp_path, line, instead)))

        assert fault in str(refused.value)
        assert counts() == before

    @pytest.mark.parametrize("text", ["", "starts_on = ", "\x00"])
    def test_that_is_no_plan_is_refused(self, tmp_path, text):
        (tmp_path / "plan.toml").write_text(text, encoding="utf-8")

        with pytest.raises(CommandError):
            setup("--from", str(tmp_path / "plan.toml"))
