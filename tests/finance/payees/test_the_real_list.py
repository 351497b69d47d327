"""Screening on the list as the United Nations publish it, where it is found; elsewhere an invented one does."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from finance.screening.bench import measure
from finance.screening.invented import invented_list
from gaf import clock

SHARED = Path(os.environ.get("GAF_SHARED_DATA") or Path(settings.BASE_DIR).parent / "shared" / "data")
LISTS = sorted((SHARED / "sanctions").glob("*.xml"))


@pytest.mark.skipif(not LISTS, reason="the published list is not in ../shared/data/sanctions")
def test_finds_distorted_names_and_stops_few_honest_ones():
    figures = measure(LISTS[-1].read_bytes(), seed=7, distort=80, honest=120)

    assert (figures.individuals, figures.entities) == (730, 273)
    assert figures.names >= 3_825
    assert figures.recall >= 0.96
    assert figures.alerts <= 0.03


def test_is_measured_by_a_command_that_says_the_same_for_the_same_seed(tmp_path):
    file = tmp_path / "list.xml"
    file.write_bytes(invented_list(clock.now()))

    def said() -> dict[str, object]:
        out = StringIO()
        call_command("bench_screening", str(file), seed=3, json=True, stdout=out)
        told = json.loads(out.getvalue())
        return {name: told[name] for name in ("individuals", "entities", "names", "found", "stopped")}

    assert said() == said()
    assert said()["individuals"] == 3
