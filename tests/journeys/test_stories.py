"""The demo's stories, played through the real actions: each ends as it is told, and the books are clean afterwards."""

import pytest

from gaf.demo.banking import banking
from gaf.demo.playing import LAST_ACT, STORIES, the_stage, timedelta
from gaf.demo.stage import play
from gaf.demo.telling import tell, tell_books

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def played(tmp_path, settings):
    """Every story, played to its end on a bank and a Stripe of its own."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path) as stage:
        days = banking(stage, stage.at("2026-10-05 17:00"), LAST_ACT + stage.shift - timedelta(hours=6))
        play(stage, [*(story.play(stage) for story in STORIES), days])
    return {story.TOLD.code: story.TOLD for story in STORIES}


class TestTheStories:
    def test_end_as_they_are_told_and_leave_clean_books(self, played):
        problems = {code: tell(told).problems for code, told in played.items()}

        assert problems == dict.fromkeys(problems, [])
        assert list(problems) == ["S01", "S02", "S05", "S09", "S12", "S13"]
        assert tell_books().problems == []
        assert "12 payments" in tell_books().text
