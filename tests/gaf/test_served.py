"""Measuring over a wire: two workers answer, their processor's time is told, and nothing is left running."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from gaf.demo.served import PLAIN, WORKERS, NotServed, served


class TestAServedSite:
    def test_answers_with_two_workers_and_tells_what_they_worked(self) -> None:
        with served(PLAIN) as site:
            status = site.get("/", Client())
            workers = site.workers()
            cpu = site.cpu_of("/", Client(), 5)

        assert status == 302  # nobody is signed in
        assert len(workers) == WORKERS
        assert cpu > 0

    def test_leaves_nothing_running_behind_it(self) -> None:
        with served(PLAIN) as site:
            workers = site.workers()

        assert workers
        assert not any(Path(f"/proc/{number}").exists() for number in workers)

    def test_that_does_not_come_up_is_an_error_that_says_so(self) -> None:
        with pytest.raises(NotServed, match="did not come up"), served("gaf.demo.plain_site:nothing_of_that_name"):
            pytest.fail("it came up")
