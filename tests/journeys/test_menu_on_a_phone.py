"""The menu on a phone: one line that is pushed aside, and no page is wider for it."""

from __future__ import annotations

import pytest

from gaf.accounts.models import User
from tests import stories
from tests.cast import person
from tests.journeys.signed_in import open_window  # noqa: F401  # a fixture
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.test_activities import late

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
_WIDE = "document.documentElement.scrollWidth"
_MENU = "document.querySelector('.bar nav ul').{}"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_count_beyond_the_edge_widens_no_page(open_window, scripts):  # noqa: F811
    late(stories.a_draft(), "Amina")
    User.objects.filter(pk=person("Amina").pk).update(language="fr")  # whose words are longer
    page = open_window("Amina", "/desk/", viewport={"width": 320, "height": 640}, java_script_enabled=scripts)

    assert page.locator(".bar nav .count").count() > 0
    assert page.evaluate(_MENU.format("scrollWidth")) > page.evaluate(_MENU.format("clientWidth"))
    assert page.evaluate(_WIDE) == 320
