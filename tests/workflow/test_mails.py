"""The mails of the workflow: the number and a link, and not one word of the case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from gaf.outbox.outbox import drain
from tests.cast import person
from tests.stories import a_submitted_request, by, now
from workflow.actions.endorsement import endorse

SOURCES = sorted((Path(settings.BASE_DIR) / "workflow").rglob("*.py"))
NOTICES = sorted(
    {name for path in SOURCES for name in re.findall(r'tell_\w+\((?:[^()"]|\([^()]*\))*"(\w+)"', path.read_text())}
    | {"disbursement_returned", "disbursement_failed"}
)


def test_every_notice_was_found():
    written = {
        path.name.split(".")[0] for path in (Path(settings.BASE_DIR) / "templates" / "mail").glob("*.subject.txt")
    }
    others = "".join(
        path.read_text()
        for room in ("gaf", "finance", "workflow")
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py")
    )

    assert set(NOTICES) <= written
    assert [notice for notice in sorted(written - set(NOTICES)) if f'"{notice}"' not in others] == []


@pytest.mark.parametrize("notice", NOTICES)
def test_each_begins_with_the_number_and_says_one_plain_sentence(notice):
    context = {"reference": "GAF-2026-00042", "link": "http://localhost:8000/requests/GAF-2026-00042/"}

    subject = render_to_string(f"mail/{notice}.subject.txt", context).strip()
    body = render_to_string(f"mail/{notice}.txt", context).strip().splitlines()

    assert subject.startswith("GAF-2026-00042: ")
    assert "\n" not in subject
    assert body[0] == "GAF-2026-00042"
    assert body[-1] == "http://localhost:8000/requests/GAF-2026-00042/"
    assert len(body) == 5


@pytest.mark.parametrize("notice", NOTICES)
def test_each_knows_nothing_but_the_number_and_the_link(notice):
    folder = Path(settings.BASE_DIR) / "templates" / "mail"
    text = (folder / f"{notice}.subject.txt").read_text() + (folder / f"{notice}.txt").read_text()

    assert set(re.findall(r"{{\s*([^}]+?)\s*}}", text)) == {"reference", "link"}


@pytest.mark.usefixtures("house")
def test_nobody_is_told_of_their_own_act_and_everybody_else_once(mailoutbox):
    from tests.cast import criteria

    criteria()
    person("Bruno")
    sent = a_submitted_request()
    endorse(request_id=sent.pk, **by("Idriss"))
    drain()
    drain()

    assert sorted((mail.to[0], mail.subject) for mail in mailoutbox) == [
        ("amina@gaf.example", f"{sent.reference}: received"),
        ("bruno@gaf.example", f"{sent.reference}: to review"),
    ]
    assert now(sent).reference == "GAF-2026-00001"
