"""The count of survived schedules belongs to the code that survived them."""

from __future__ import annotations

import pytest

from tests.proof import odometer

pytestmark = pytest.mark.proof


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(odometer, "place", lambda: tmp_path / "odometer.json")


class TestTheOdometer:
    def test_adds_up_the_nights_of_one_code(self):
        odometer.add({"schedules": 5}, 0, "2026-11-23")
        odometer.add({"schedules": 7, "kills": 1}, 2, "2026-11-24")
        kept = odometer.read()

        assert (kept["survived"], kept["violations"]) == ({"schedules": 12, "kills": 1}, 2)
        assert kept["last_run"] == "2026-11-24"

    def test_begins_again_when_the_money_code_has_changed(self, monkeypatch):
        odometer.add({"schedules": 5}, 0, "2026-11-23")
        monkeypatch.setattr(odometer, "code_now", lambda: "another")

        assert odometer.read() == {"code": "another", "survived": {}, "violations": 0}

    def test_tells_one_code_from_another_by_any_file_of_it(self, monkeypatch, tmp_path):
        (tmp_path / "finance").mkdir()
        (tmp_path / "finance" / "ledger.py").write_text("one")
        monkeypatch.setattr(odometer, "COVERED", ("finance",))
        monkeypatch.setattr(odometer.settings, "BASE_DIR", tmp_path)
        before = odometer.code_now()
        (tmp_path / "finance" / "ledger.py").write_text("two")

        assert odometer.code_now() != before
