"""One request from its first word to its closed file: each act by that person's own session through `/sign-in/`."""

import pytest

from finance.books import books_summary
from gaf.decisions.models import Decision
from gaf.demo.playing import the_stage
from gaf.demo.telling import path_of
from tests.journeys import by_keyboard, in_chromium
from tests.journeys.journey import WHOLE_PATH, everybody_reads_english, whole_life
from tests.journeys.person import Person

WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.fixture
def house(tmp_path, settings):
    """The installation as `setup` leaves it, without a request; everybody reads English."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path):
        everybody_reads_english()
        yield


def is_whole(reference: str) -> None:
    """It went the whole way, at least eight people acted, and the books are true to the cent."""
    assert path_of(reference) == WHOLE_PATH
    summary = books_summary()
    assert summary.is_balanced
    assert (summary.payments, summary.statement_lines, summary.unexplained) == (1, 3, 0)
    people = Decision.objects.filter(reference=reference, actor__is_system=False).values("actor").distinct()
    assert people.count() == 8


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
class TestARequestOverHttp:
    def test_goes_from_draft_to_closed_by_different_people_without_scripts(self, house):
        is_whole(whole_life(Person))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
# At a desktop the same life is lived by keyboard below; with a mouse it is walked at night.
@pytest.mark.parametrize("width", ["phone", pytest.param("desktop", marks=pytest.mark.nightly)])
class TestARequestInABrowser:
    def test_goes_from_draft_to_closed(self, live_server, new_context, house, width):
        pictures = in_chromium.pictures_folder(width)

        def sign_in(name: str) -> in_chromium.Person:
            return in_chromium.Person(name, new_context(viewport=WIDTHS[width]).new_page(), pictures)

        is_whole(whole_life(sign_in))
        assert len(list(pictures.glob("*.png"))) >= 30


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestARequestByKeyboardAlone:
    def test_goes_from_draft_to_closed_and_every_stop_is_seen(self, live_server, new_context, house, tmp_path):
        people: list[by_keyboard.Person] = []

        def sign_in(name: str) -> by_keyboard.Person:
            people.append(by_keyboard.Person(name, new_context().new_page(), tmp_path))
            return people[-1]

        is_whole(whole_life(sign_in))
        print(f"pressed {sum(one.keys for one in people)} keys, by person:", {one.name: one.keys for one in people})
        assert all(one.keys for one in people)
