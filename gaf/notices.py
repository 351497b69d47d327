"""Mails: the number and a link, nothing else. Written from the outbox, in the reader's language, after commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import override

from gaf.accounts.models import User
from gaf.outbox.outbox import enqueue, handles
from gaf.privacy.sight import those_who_see

TOPIC = "notice"


def tell(people: Iterable[User], notice: str, *, reference: str, path: str, key: str, to_all: bool = False) -> None:
    """Promise one mail to each person: `notice` names its template, `path` is where the link leads.

    Of a strict request only those hear who see it; `to_all` is for those who watch over the reading itself.
    """
    for person in people if to_all else those_who_see(people, reference):
        enqueue(
            TOPIC, key=f"{notice}:{key}:{person.pk}", person=person.pk, notice=notice, reference=reference, path=path
        )


@handles(TOPIC)
def send_notice(payload: dict[str, Any]) -> None:
    """Send one promised mail, unless the person has left meanwhile."""
    person = User.objects.filter(pk=payload["person"], is_active=True, is_system=False).first()
    if person is None:
        return
    context = {"reference": payload["reference"], "link": settings.GAF_SITE_ADDRESS + payload["path"]}
    with override(person.language):
        subject = render_to_string(f"mail/{payload['notice']}.subject.txt", context).strip()
        body = render_to_string(f"mail/{payload['notice']}.txt", context)
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()
