import pytest

from tests import stories

pytestmark = pytest.mark.usefixtures("house")


def test_closed():
    made = stories.a_closed_request()
    assert made.state == "CLOSED"
