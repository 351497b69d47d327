"""An act has a place in every file it needs. `docs/tour.md`, “Add an act”, names these tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gaf.accounts.roles import Role
from gaf.documents.addresses import addresses
from gaf.documents.machines import MACHINES, Machine, states, ways
from gaf.documents.source import modules
from gaf.guards import all_guards
from gaf.notice_kinds import KINDS
from gaf.templatetags.state_words import ENDED, KNOWN, STAGE_OF
from workflow.policy import ACTS
from workflow.separation import HEADQUARTERS_ACTS, MISSION_ACTS
from workflow.states import RequestState

MAILS = Path(__file__).resolve().parent.parent.parent / "templates" / "mail"
REQUEST = next(machine for machine in MACHINES if machine.words == "request")
BY_A_PERSON = sorted({way.act for way in ways(REQUEST) if way.permit.roles != (Role.SYSTEM,)})
# Both sides do them, or the same side undoes what it did: they exclude nobody from what comes later.
ON_NEITHER_SIDE = {"return_to_author", "withdraw", "reopen"}
# Writing is not one page; it is the steps of the request, each with a form of its own.
WRITTEN_IN_STEPS = {"write"}


def test_every_word_belongs_to_a_declared_act() -> None:
    assert set(ACTS) == {way.act for way in ways(REQUEST)}


def test_every_act_of_a_person_stands_on_one_side() -> None:
    sides = set(MISSION_ACTS) | set(HEADQUARTERS_ACTS)

    assert set(MISSION_ACTS) & set(HEADQUARTERS_ACTS) == set()
    assert {act for act in BY_A_PERSON if act not in sides} == ON_NEITHER_SIDE


def test_every_act_has_an_action_through_the_gate() -> None:
    acted = {
        word.value.value
        for file, tree in modules()
        if file.startswith("workflow/actions/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "acting"
        for word in node.keywords
        if word.arg == "act" and isinstance(word.value, ast.Constant)
    }

    assert {way.act for way in ways(REQUEST)} - acted == set()


@pytest.mark.parametrize("act", [act for act in BY_A_PERSON if act not in WRITTEN_IN_STEPS])
def test_every_act_of_a_person_has_a_page(act: str) -> None:
    assert f"/requests/<str:reference>/{act.replace('_', '-')}/" in {one.route for one in addresses()}


def test_every_notice_has_subject_and_words() -> None:
    assert "request_to_endorse" in notices()
    assert {name for name in notices() if not (MAILS / f"{name}.txt").exists()} == set()
    assert {name for name in notices() if not (MAILS / f"{name}.subject.txt").exists()} == set()


def test_every_mail_on_file_is_told_by_somebody() -> None:
    on_file = {path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt")}

    assert on_file - notices() == set()


def test_every_notice_is_of_a_kind_that_people_can_choose() -> None:
    of_a_kind = {notice for kind in KINDS for notice in kind.notices}

    assert notices() - of_a_kind == set()
    assert of_a_kind == {path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt")}


def notices() -> set[str]:
    """Names of notices: texts that an action, a room's notices or a subscriber hands to something called `tell…`."""
    rooms = r"(workflow|finance)/(actions/.*|notices|subscribers)\.py"
    speakers = re.compile(
        rf"{rooms}|gaf/(standing_in|duty|lost_second_factor|privacy/alarms|privacy/guessing|outbox/backups)\.py"
    )
    return {
        word.value
        for file, tree in modules()
        if speakers.fullmatch(file)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.match(r"_?tell", _called(node))
        for argument in node.args
        for word in ast.walk(argument)
        if isinstance(word, ast.Constant) and isinstance(word.value, str) and re.fullmatch(r"[a-z_]+", word.value)
    }


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.words)
def test_every_state_has_words_for_both_sides(machine: Machine) -> None:
    assert {state: set(KNOWN[machine.words].get(state, ())) for state in states(machine)} == {
        state: {"mission", "hq"} for state in states(machine)
    }


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.words)
def test_the_state_of_every_record_is_held_by_the_database_too(machine: Machine) -> None:
    table = machine.model._meta.db_table

    assert {f"{table}_state_first", f"{table}_state_moves"} - {one.name for one in all_guards()} == set()


def test_every_state_of_a_request_has_a_stage_or_stands_where_it_was_interrupted() -> None:
    without = {str(state) for state in RequestState} - set(STAGE_OF)

    assert without == {"ON_HOLD", "WITHDRAWN", "CANCELLED"}
    assert {"WITHDRAWN", "CANCELLED"} <= ENDED
