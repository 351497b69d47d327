"""A window of somebody who is signed in already: `open_window("Bruno", "/inbox/")`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from tests.cast import person

OpenWindow = Callable[..., Page]


def cookie_of(name: str, address: str) -> dict[str, str]:
    """The cookie of a session this person has just begun."""
    client = Client()
    client.force_login(person(name))
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}


@pytest.fixture
def open_window(new_context, live_server) -> OpenWindow:
    """Opens the address as the person; more words are wishes for the window."""

    def opened(name: str, address: str, **wishes: Any) -> Page:
        client = Client()
        client.force_login(person(name))
        context = new_context(**wishes)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(address)
        return page

    return opened
