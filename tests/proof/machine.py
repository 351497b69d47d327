"""The second driver of the simulator: Hypothesis chooses, and shrinks what fails to the shortest story."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.proof.chance import Chance
from tests.proof.simulator import Schedule, Swarm, Theatre

EXAMPLES, STEPS = 300, 50


def machine_on(stage: Theatre) -> type[RuleBasedStateMachine]:
    """A state machine whose world stands on this stage."""

    class Money(RuleBasedStateMachine):
        """Each rule is one act of somebody; after each, everything that must hold is looked at."""

        schedule: Schedule

        @initialize(data=st.data())
        def begin(self, data: st.DataObject) -> None:
            chance = _chance(data)
            self.schedule = Schedule(stage.new_world(1), Swarm.draw(chance), chance)

        @rule(data=st.data())
        def step(self, data: st.DataObject) -> None:
            self.schedule.chance = _chance(data)
            self.schedule.step()

        def teardown(self) -> None:
            if hasattr(self, "schedule"):
                stage.faults.rest()
                self.schedule.heal()

    return Money


def _chance(data: st.DataObject) -> Chance:
    return Chance(lambda n: data.draw(st.integers(0, n - 1)) if n > 1 else 0)


def limits(examples: int = EXAMPLES, steps: int = STEPS) -> settings:
    """The same examples on every machine, so that a failure can be played again."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
