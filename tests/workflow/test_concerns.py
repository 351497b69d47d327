"""A concern goes to oversight, and nothing anywhere else tells of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from gaf import clock
from gaf.accounts.models import Notice
from gaf.ages import Overdue
from gaf.decisions.models import Decision
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.privacy.models import Read
from gaf.refusals import NotPermitted
from gaf.sealing import has_key, unseal
from tests import stories
from tests.cast import CAST, people, person
from tests.refused import refused
from tests.rules.walking import OF_EACH_ROLE, addresses
from tests.stories import by
from workflow.actions import closing
from workflow.actions.concerns import close_concern, look_into_concern, note_concern, raise_concern, raised_by
from workflow.actions.forgetting import forget_old_words
from workflow.models import AssistanceRequest, Concern

pytestmark = pytest.mark.usefixtures("house", "watch")
AT_NIGHT = pytest.mark.nightly
WORDS = "The same hotel bill is in three requests."
IN_THE_CASE = ("Amina", "Idriss", "Moussa", "Bruno", "Helena", "Omar")


@pytest.fixture
def watch(house: object) -> None:
    people("Wanjiru", "Sofía", *IN_THE_CASE)


def raised(who: str = "Moussa", **changes: Any) -> Concern:
    return raise_concern(**{"kind": "FRAUD", "words": WORDS, **changes}, **by(who))


def page(name: str, address: str) -> HttpResponse:
    client = Client()
    client.force_login(person(name))
    return client.get(address)


def content_of(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def pages_of(made: AssistanceRequest) -> list[str]:
    """Every address under the request that needs nothing but its reference, and the lists it stands in."""
    under = [
        f"/{route}".replace("<str:reference>", made.reference)
        for route in addresses().values()
        if route.startswith("requests/<str:reference>/")
        and route.count("<") == 1
        and not route.endswith("/readers/")  # it lists the visits of this walk itself; specified apart
    ]
    beside = ["/requests/", "/requests/export/", "/requests/board/", "/overdue/", "/notices/", "/complaints/", "/desk/"]
    more = ["/privacy/", "/retention/", "/activities/", "/turnaround/", "/closing/", "/inbox/", "/concerns/"]
    return [*under, *beside, *more]


@pytest.mark.both
class TestAConcern:
    @pytest.mark.parametrize("who", [*OF_EACH_ROLE.values()])
    def test_is_raised_by_anybody_from_the_foot_of_every_page(self, who):
        client = Client()
        client.force_login(person(who))
        sent = client.post("/concerns/new/?save=1", {"kind": "DATA", "words": WORDS, "reference": "", "named": ""})

        assert sent.url == "/concerns/mine/"
        assert Concern.objects.count() == 1
        assert 'href="/concerns/new/"' in client.get("/concerns/mine/").content.decode()

    def test_reaches_oversight_by_number_and_link_only(self, mailoutbox):
        concern = raised(reference="GAF-2026-00042")
        drain()

        assert stories.told("concern_received") == {"Wanjiru"}
        (mail,) = [one for one in mailoutbox if concern.key in one.subject]
        assert mail.to == ["wanjiru@gaf.example"]
        assert f"/concerns/{concern.key}/" in mail.body
        assert not [word for word in (WORDS, "GAF-2026-00042", "Moussa") if word in mail.subject + mail.body]

    def test_is_sealed_and_names_nobody_who_does_not_wish_it(self):
        concern = raised()
        drain()

        kept = f"{list(Concern.objects.values())}{list(Decision.objects.filter(subject=concern.key).values())}"
        kept += f"{list(OutboxMessage.objects.filter(payload__reference=concern.key).values())}"
        assert WORDS not in kept
        assert concern.raised_by is None
        assert not Decision.objects.filter(subject=concern.key, actor=person("Moussa")).exists()
        told = page("Wanjiru", f"/concerns/{concern.key}/").content.decode()
        assert WORDS in told
        assert "Moussa" not in told

    def test_names_who_wishes_it_to_oversight_alone(self):
        concern = raised(named=True)
        assert "Moussa" in page("Wanjiru", f"/concerns/{concern.key}/").content.decode()
        assert not Decision.objects.filter(subject=concern.key, actor=person("Moussa")).exists()

    def test_shows_who_raised_it_that_it_was_received_and_looked_into_and_nothing_more(self):
        concern = raised()
        other = raised("Amina")
        assert "received" in page("Moussa", "/concerns/mine/").content.decode()
        look_into_concern(concern_id=concern.pk, **by("Wanjiru"))
        note_concern(concern_id=concern.pk, reason="Asked the hotel.", **by("Wanjiru"))
        close_concern(concern_id=concern.pk, finding="CONFIRMED", reason="Three copies.", **by("Wanjiru"))

        told = page("Moussa", "/concerns/mine/").content.decode()
        assert "looked into" in told
        assert not [
            word for word in (WORDS, "Asked the hotel.", "Three copies.", "It is so", other.key) if word in told
        ]
        assert list(raised_by(person("Moussa"))) == [concern]
        assert page("Moussa", f"/concerns/{concern.key}/").status_code == 404

    @pytest.mark.parametrize("changes", [{"words": "  "}, {"kind": "GOSSIP"}])
    def test_needs_words_and_a_kind(self, changes):
        with refused("CONCERN-01"):
            raised(**changes)

    def test_is_closed_with_a_finding_there_is(self):
        concern = look_into_concern(concern_id=raised().pk, **by("Wanjiru"))
        with refused("CONCERN-01"):
            close_concern(concern_id=concern.pk, finding="PERHAPS", reason="-", **by("Wanjiru"))

    @pytest.mark.parametrize("who", [name for code, name in OF_EACH_ROLE.items() if code != "OV"])
    def test_is_looked_into_by_oversight_only(self, who):
        concern = raised()
        with refused("ROLE-02", NotPermitted):
            look_into_concern(concern_id=concern.pk, **by(who))
        assert page(who, f"/concerns/{concern.key}/").status_code == 404
        assert page(who, "/concerns/").status_code == 404

    def test_is_not_edited_and_not_removed(self):
        concern = raised()
        for change in ({"words": "s1:x:y"}, {"reference": "GAF"}, {"kind": "OTHER"}, {"raised_by": person("Amina")}):
            with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
                Concern.objects.filter(pk=concern.pk).update(**change)
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            concern.delete()


class TestNobodyIsTippedOff:
    # A walk over every page takes its time: two people at each submission, the others at night.
    @pytest.mark.parametrize(
        "name", [one if one in ("Idriss", "Helena") else pytest.param(one, marks=AT_NIGHT) for one in IN_THE_CASE]
    )
    def test_pages_are_the_same_to_the_letter_before_and_after(self, name):
        made = stories.an_endorsed_request()
        drain()
        later = clock.now() + timedelta(days=1)

        def everything() -> dict[str, tuple[int, bytes]]:
            with clock.at(later):
                return {address: _without_tokens(page(name, address)) for address in pages_of(made)}

        everything()  # the first look changes what is new to the reader
        before = everything()
        concern = raised("Sofía", reference=made.reference)
        drain()
        look_into_concern(concern_id=concern.pk, **by("Wanjiru"))
        page("Wanjiru", f"/requests/{made.reference}/")
        after = everything()

        assert len(before) > 40
        assert [address for address in before if before[address] != after[address]] == []

    @pytest.mark.parametrize("name", IN_THE_CASE)
    def test_neither_search_nor_notices_nor_what_is_overdue_know_it(self, name):
        concern = raised("Sofía", reference="GAF-2026-00001")
        drain()

        assert not Notice.objects.filter(person=person(name), reference=concern.key).exists()
        found = page(name, f"/search/?q={concern.key}")
        assert b"/concerns/CRN" not in content_of(found)
        assert "Concern" not in {one.kind.title for one in Overdue(now=clock.now() + timedelta(days=400)).oldest(99)}

    def test_the_request_has_no_decision_and_no_lock_more(self):
        made = stories.a_reconciling_request()
        before = Decision.objects.filter(reference=made.reference).count()
        raised(reference=made.reference)

        assert Decision.objects.filter(reference=made.reference).count() == before
        closed = closing.close(request_id=made.pk, reason_code="COMPLETED", **by("Helena"))
        assert closed.state == "CLOSED"

    def test_who_reads_a_request_does_not_tell_that_oversight_did(self):
        made = stories.an_endorsed_request()
        page("Wanjiru", f"/requests/{made.reference}/")
        assert Read.objects.filter(person=person("Wanjiru"), reference=made.reference).exists()
        for name in ("Amina", "Idriss", "Helena"):
            assert "Wanjiru" not in page(name, f"/requests/{made.reference}/readers/").content.decode()


@pytest.mark.both
class TestItsTime:
    def test_is_told_to_oversight(self):
        concern = raised()
        later = clock.now() + timedelta(days=12)
        assert [one.subject for one in Overdue(now=later, kept_for="oversight").oldest(9)] == [concern.key]
        with clock.at(later):
            assert concern.key in page("Wanjiru", "/overdue/").content.decode()

    def test_ends_with_words_and_name_gone(self):
        concern = look_into_concern(concern_id=raised(named=True, reference="GAF-2026-00001").pk, **by("Wanjiru"))
        close_concern(concern_id=concern.pk, finding="NOT_CONFIRMED", reason="Nothing found.", **by("Wanjiru"))
        with clock.at(clock.now() + timedelta(days=61 * 31)):
            assert forget_old_words(clock.now()) == 1

        concern = Concern.objects.get()
        assert (concern.words, concern.reference, concern.raiser_mark, concern.raised_by) == ("", "", "", None)
        assert not has_key(concern.key)
        reasons = Decision.objects.filter(subject=concern.key).exclude(reason="")
        assert [unseal(one.reason) for one in reasons] == ["(erased)"]


def _without_tokens(answer: HttpResponse) -> tuple[int, bytes]:
    """What a page says, without what is made anew each time it is drawn."""
    content = re.sub(rb'name="(csrfmiddlewaretoken|idempotency_key|key)" value="[^"]*"', b"", content_of(answer))
    return answer.status_code, content


def test_the_cast_has_somebody_of_oversight_who_works_on_no_request():
    assert [name for name, (role, _mission) in CAST.items() if role == "oversight"] == ["Wanjiru"]
