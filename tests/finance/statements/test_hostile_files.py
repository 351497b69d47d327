"""F50: every hostile file is refused by its own rule with words, or kept as harmless text; nothing is written."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from finance.actions.statement_files import keep_file
from finance.gateways.bank_file.refusals import StatementRefused
from finance.gateways.statements.formats import read_file
from finance.gateways.statements.reading import FileRead
from finance.models import StatementFile
from finance.stand_ins.hostile_files import Hostile, hostile_files
from gaf import clock
from gaf.refusals import Refusal
from tests.finance.builders import Fund, everything

FILES = list(hostile_files())


def test_f50_there_are_sixty_and_more() -> None:
    assert len({one.name for one in FILES}) == len(FILES) >= 60


@pytest.mark.parametrize("hostile", [one for one in FILES if one.rule], ids=lambda one: one.name)
def test_f50_is_refused_by_its_rule_with_words(hostile: Hostile) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_file(hostile.content)
    assert refused.value.code == hostile.rule
    assert refused.value.what == "The statement file was not read; nothing was imported."
    assert refused.value.why
    assert refused.value.next_step


@pytest.mark.parametrize("hostile", [one for one in FILES if not one.rule], ids=lambda one: one.name)
def test_f50_a_formula_stays_a_text(hostile: Hostile) -> None:
    read = read_file(hostile.content)
    assert isinstance(read, FileRead)
    assert read.entries[0].remittance.startswith("=")


def test_f50_leaves_nothing_behind(fund: Fund) -> None:
    before = everything()
    for hostile in FILES:
        if hostile.rule:
            with pytest.raises(Refusal):
                keep_file(content=hostile.content, name="x", actor=fund.esi, at=clock.now())
    assert (everything(), StatementFile.objects.count()) == (before, 0)


def test_f50_the_command_says_how_long_and_how_much() -> None:
    out = StringIO()
    call_command("bench_hostile", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["files"], told["wrong"]) == (len(FILES), [])
    assert {"slowest_ms", "peak_mb"} <= set(told)
