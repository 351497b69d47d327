"""Nothing goes out that one person alone has read: a page is published by another editor than the one who wrote it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from cms.models.readings import SecondReading
from cms.trees import SOURCE
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import holds, system_actor
from gaf.accounts.roles import Role
from gaf.refusals import NotPermitted, Refusal


@dataclass(frozen=True)
class EnglishText:
    """A version of the English page that a translation may say the same as."""

    revision: Revision
    is_published: bool


def writer_of(revision: Revision) -> User:
    """Who saved these words last; the system where nobody did."""
    writer: User | None = revision.user
    return writer or system_actor()


@receiver(pre_save, sender=Revision)
def nothing_unread_on_the_timetable(instance: Revision, **kwargs: object) -> None:
    """A version goes on the timetable as it would be published: after somebody else read it."""
    if instance.approved_go_live_at is not None:
        require_second_reading(instance.pk)


def require_second_reading(revision_id: int | None) -> None:
    """Raises Refusal GUIDE-01 unless somebody else than its writer read this version."""
    if revision_id is None or not SecondReading.objects.filter(revision_id=revision_id).exists():
        raise Refusal(
            "GUIDE-01",
            _("The page was not published."),
            _("It is published by another person than the one who wrote it, who reads it first."),
            _("It is saved. Another editor finds it on the first page of the editors’ desk."),
        )


def english_texts(page: Page) -> list[EnglishText]:
    """What a translation may follow: the published English, and the draft that waits to be; none for English."""
    english = Page.objects.filter(translation_key=page.translation_key, locale__language_code=SOURCE)
    original = english.exclude(pk=page.pk).select_related("live_revision", "latest_revision").first()
    if original is None:
        return []
    found = []
    if original.live and original.live_revision:
        found.append(EnglishText(original.live_revision, is_published=True))
    if original.latest_revision and (original.has_unpublished_changes or not original.live):
        found.append(EnglishText(original.latest_revision, is_published=False))
    return found


def read_and_publish(*, page_id: int, revision_id: int, follows_id: int | None, reader: User) -> Page:
    """Record that somebody read the newest version of a page, and publish it; on its day, if it has one.

    Raises NotPermitted ROLE-02 for anybody but an editor and GUIDE-02 for the writer, Refusal GUIDE-03 when the page
    was written on since this version, and GUIDE-04 when what it is said to follow is not a text of the English page.
    """
    if not holds(reader, Role.EDITOR):
        raise NotPermitted([_refuse("ROLE-02", _("Guidance is published by editors."), _("Ask an editor."))])
    with transaction.atomic():
        page = Page.objects.select_for_update().get(pk=page_id)
        revision = page.latest_revision
        if revision is None or revision.pk != revision_id:
            raise _refuse("GUIDE-03", _("It was written on while you read."), _("Read the newest version."))
        if not SecondReading.objects.filter(revision=revision).exists():
            record_reading(page.specific, revision, reader=reader, follows=_followed(page, follows_id))
        revision.publish(user=reader)
    return Page.objects.get(pk=page_id)


def record_reading(page: Page, revision: Revision, *, reader: User, follows: Revision | None) -> SecondReading:
    """Keep who read which version. Raises NotPermitted GUIDE-02 for its writer."""
    writer = writer_of(revision)
    if writer == reader:
        why = _("You wrote it. Whoever wrote a page does not publish it.")
        raise NotPermitted([_refuse("GUIDE-02", why, _("Ask another editor to read it."))])
    return SecondReading.objects.create(
        page_id=page.pk, revision=revision, writer=writer, reader=reader, read_at=clock.now(), follows=follows
    )


def _followed(page: Page, revision_id: int | None) -> Revision | None:
    """The English text with this number; none when the translation says something older."""
    if revision_id is None:
        return None
    for text in english_texts(page):
        if text.revision.pk == revision_id:
            return text.revision
    raise _refuse("GUIDE-04", _("The English text changed while you read."), _("Compare it again."))


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The page was not published."), why, next_step)
