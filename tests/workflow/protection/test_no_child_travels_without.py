"""Whatever order of acts Hypothesis thinks of, no ticket of an unaccompanied child is paid without a determination."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finance.actions.files import prepare_file, sign_first, sign_second
from finance.models import BankAccount, Disbursement
from gaf import clock
from gaf.demo.protecting_parts import passing
from gaf.outbox.outbox import drain
from gaf.refusals import Refusal
from tests import stories
from tests.rules.figures_told import tell_figure
from tests.stories import by, lines_of, now, usd
from tests.workflow.protection.test_gates import GIRL, MEDICAL, SHELTER, TICKET, silenced
from workflow.actions.approval import LineDecision, approve_deferred_line
from workflow.actions.gate_evidence import Finding, record_evidence
from workflow.models import AssistanceRequest, GateEvidence
from workflow.protection.gates import RULE_OF

pytestmark = pytest.mark.usefixtures("house")
LEFT = ("RELEASED", "SENDING", "SENT", "UNKNOWN", "CONFIRMED")
GOES = ["says_return", "grant", "certify", "prepare", "release", "sign", "send"]


class TheEnd(Exception):
    """Everything an example did is rolled back."""


class Life:
    """One request of a girl alone, and everything that may be tried on it."""

    def __init__(self, made: AssistanceRequest) -> None:
        self.made, self.states = made, dict[int, str]()

    def says_return(self) -> None:
        self._find("RETURN")

    def says_stay(self) -> None:
        self._find("STAY")

    def _find(self, outcome: str) -> None:
        usual = passing(RULE_OF["G8"], clock.now())
        until = clock.today() + timedelta(days=6)
        finding = Finding(**{**usual.__dict__, "outcome": outcome, "valid_until": until})
        record_evidence(
            request_id=self.made.pk, finding=finding, person_keys=[self.made.persons.get().key], **by("Idriss")
        )

    def grant(self) -> None:
        ticket = lines_of(self.made)[2]
        decision = LineDecision(ticket.pk, "approve", stream_code="A")
        approve_deferred_line(request_id=self.made.pk, decision=decision, **by("Chen"))

    def certify(self) -> None:
        stories.certify(now(self.made))

    def prepare(self) -> None:
        stories.prepare(self.made, {"L3": usd("346.00")}, duplicate_reason="Another try.")

    def release(self) -> None:
        stories.release(now(self.made))

    def sign(self) -> None:
        file = prepare_file(bank_account=BankAccount.objects.get(code="GVA"), **by("Divya"))
        sign_first(file_id=file.pk, **by("Divya"))
        sign_second(file_id=file.pk, **by("Helena"))

    def send(self) -> None:
        drain()

    def look(self) -> None:
        """What moved towards leaving just now had a determination in force that says return."""
        for row in Disbursement.objects.filter(parts__commitment__line_key="L3"):
            if (
                row.state in LEFT
                and self.states.get(row.pk) != row.state
                and row.state in ("RELEASED", "SENDING", "SENT")
            ):
                newest = GateEvidence.objects.filter(gate="G8").order_by("-id").first()
                assert newest is not None
                assert newest.outcome == "RETURN"
                assert newest.valid_until is not None
                assert newest.valid_until >= clock.today()
            self.states[row.pk] = row.state


ACTS = [name for name in vars(Life) if not name.startswith("_") and name != "look"]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside never happened."""
    try:
        with transaction.atomic():
            yield
            raise TheEnd
    except TheEnd:
        return


def live(made: AssistanceRequest, acts: list[str]) -> list[str]:
    """Try each act; what is refused changes nothing. Returns what was done."""
    life, done, start, days = Life(made), list[str](), clock.now(), 0
    for name in acts:
        days += 2 if name == "wait" else 0
        with clock.at(start + timedelta(days=days)):
            act: Callable[[], None] = getattr(life, name, lambda: None)
            try:
                with transaction.atomic():
                    act()
                done.append(name)
            except (Refusal, IntegrityError, ValueError):
                continue
            finally:
                life.look()
    return done


@pytest.fixture
def waiting() -> AssistanceRequest:
    """Shelter and care are approved; the ticket waits for the determination."""
    made = stories.a_budget_to_approve((SHELTER, MEDICAL, TICKET), leave=("G8",), primary="UAC", persons=(GIRL,))
    shelter, care, ticket = lines_of(made)
    decisions = [LineDecision(one.pk, "approve", stream_code="A") for one in (shelter, care)]
    return stories.approve(made, [*decisions, LineDecision(ticket.pk, "defer", gate_code="BEST_INTERESTS")])


class TestOfAnUnaccompaniedChild:
    def test_a_ticket_is_paid_when_the_determination_says_return(self, waiting):
        assert live(waiting, GOES) == GOES
        assert Disbursement.objects.get().state == "SENT"

    @pytest.mark.parametrize("place", range(1, len(GOES)))
    def test_a_ticket_stays_when_the_determination_changes_or_ends_on_the_way(self, waiting, place):
        for change in (["says_stay"], ["wait"] * 4):
            with undone():
                live(waiting, [*GOES[:place], *change, *GOES[place:]])

                assert not Disbursement.objects.filter(state__in=["SENDING", "SENT", "CONFIRMED"]).exists()

    @pytest.mark.parametrize("silent", [False, True], ids=["as people work", "with the database alone"])
    def test_no_sequence_of_acts_pays_a_ticket_without_it(self, waiting, silent):
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(begun=st.integers(0, len(GOES)), acts=st.lists(st.sampled_from([*ACTS, "wait"]), max_size=9))
        def never(begun: int, acts: list[str]) -> None:
            with undone(), silenced() if silent else nullcontext():
                tried.append(len(live(waiting, [*GOES[:begun], *acts])))

        tried: list[int] = []
        never()
        tell_figure("children, orders of acts tried", len(tried))
        tell_figure("children, acts that went through", sum(tried))
