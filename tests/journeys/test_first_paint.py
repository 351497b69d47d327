"""What must arrive before anything is seen over a satellite line: 64 kbit/s down, 32 up, 700 ms there and back.

Nothing here waits for a clock. A first page costs four ways there and back, 2.8 s: the connection, its encryption, the
page, its style sheet. While the style sheet is asked for, the rest of the page arrives, if it is no longer than that
way; then the style sheet, and the page is painted. What a browser on such a line needed is printed.
"""

from __future__ import annotations

import gzip
from contextlib import closing

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.http import HttpResponse

from tests import stories
from tests.journeys.counting import A_WAY, BYTES_A_SECOND, SATELLITE
from tests.journeys.signed_in import cookie_of
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
PHONE = {"viewport": {"width": 360, "height": 740}}
SECONDS = 4.0
KEPT = "max-age=31536000, public, immutable"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').map(one => Math.round(one.startTime))[0]"


@pytest.fixture
def packed(monkeypatch):
    """Style sheets and scripts go as a real installation sends them: made small once, and kept by the browser."""
    plain = StaticFilesHandlerMixin.serve

    def serve(handler, request):
        with closing(plain(handler, request)) as answer:
            headers = {"Content-Encoding": "gzip", "Content-Type": answer["Content-Type"], "Cache-Control": KEPT}
            return HttpResponse(gzip.compress(answer.getvalue(), 9), headers=headers)

    monkeypatch.setattr(StaticFilesHandlerMixin, "serve", serve)


@pytest.fixture
def arrived(new_context, live_server, packed):
    """Opens an address on a phone at the end of a satellite line: bytes of each sort that a first paint waits for."""

    def opened(name: str, address: str) -> dict[str, int]:
        context = new_context(**PHONE)
        context.add_cookies([cookie_of(name, live_server.url)])
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SATELLITE)
        sorts: dict[str, str] = {}
        came = {"Document": 0, "Stylesheet": 0, "Font": 0}
        line.on("Network.responseReceived", lambda event: sorts.update({event["requestId"]: event["type"]}))

        def loaded(event: dict) -> None:
            sort = sorts.get(event["requestId"], "")
            if sort in came:
                came[sort] += int(event["encodedDataLength"])

        line.on("Network.loadingFinished", loaded)
        page.goto(address)
        waits = page.locator("script[src]:not([defer]):not([async]):not([type=module])").count()
        page.wait_for_function(PAINTED)
        print(f"first paint | {address} | {came['Document']:,} | {came['Stylesheet']:,} | {page.evaluate(PAINTED)} ms")
        return {**came, "scripts that hold it up": waits}

    return opened


class TestOverASatelliteLine:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("Amina", "/desk/"),
            ("Amina", "/requests/new/"),
            ("Amina", "/requests/new/urgent/"),
            ("Amina", "/requests/{}/"),
            ("Gloria", "/requests/{}/"),
        ],
    )
    def test_a_page_is_seen_within_four_seconds_and_nothing_else_is_waited_for(self, name, address, arrived):
        reference = stories.a_taken_request().reference

        came = arrived(name, address.format(reference))

        assert 0 < came["Document"] <= A_WAY * BYTES_A_SECOND
        assert came["Stylesheet"] > 0
        assert 4 * A_WAY + came["Stylesheet"] / BYTES_A_SECOND <= SECONDS
        assert (came["Font"], came["scripts that hold it up"]) == (0, 0)
