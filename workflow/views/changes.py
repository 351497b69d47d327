"""What changed on a request since one looked at it, or since a decision: texts and figures, and what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from gaf.accounts.models import User
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.policy import act_label
from gaf.privacy.reads import looked_at, uncovered_by
from gaf.templatetags.formats import plain_moment
from workflow.activities import activities_for
from workflow.looking_back import Moment, moment_after
from workflow.models import AssistanceRequest
from workflow.queries import all_decisions, may_read_text, stays_covered, visible_to
from workflow.views.act_pages import READERS, person_of, record_url
from workflow.views.differences import differences
from workflow.views.timeline_shown import Timeline, timeline_of

# Of the versions of a request, those that are no act: somebody wrote in it.
_EDITS = ("edit", "review")


@dataclass(frozen=True)
class News:
    """How much others changed since one looked, in words, and the page that shows it."""

    words: str
    url: str


def edits_since_look(person: User) -> Subquery:
    """How often others wrote in a request since this person looked, beside rows that know `looked_at`."""
    versions = AssistanceRequest.history.filter(
        id=OuterRef("pk"), history_date__gt=OuterRef("looked_at"), history_change_reason__in=_EDITS
    ).exclude(history_user=person)
    return Subquery(versions.order_by().values("id").annotate(size=Count("history_id")).values("size"))


def news_since_look(assistance: AssistanceRequest, timeline: Timeline, person: User) -> News | None:
    """What others did since this person looked; None when it is nothing, or when they never looked."""
    seen: datetime | None = assistance.looked_at  # type: ignore[attr-defined]
    if seen is None:
        return None
    others = [entry for entry in timeline.entries if entry.at > seen and entry.by != person.pk]
    files = [one for one in assistance.documents.all() if one.uploaded_at > seen and one.uploaded_by_id != person.pk]
    count = len(others) + len(files) + (assistance.edits_since_look or 0)  # type: ignore[attr-defined]
    if not count:
        return None
    words = ngettext(
        "%(count)s change since you looked on %(moment)s", "%(count)s changes since you looked on %(moment)s", count
    ) % {"count": count, "moment": plain_moment(seen, assistance.mission.time_zone)}
    return News(words, f"{record_url(assistance)}changes/?since={_in_an_address(seen)}")


def _in_an_address(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


@dataclass(frozen=True)
class Since:
    """From when changes are told: the moment, its title, and the decision where it is one."""

    moment: Moment
    title: str
    decision: Decision | None = None


@audience(*READERS)
@require_safe
def changes(request: HttpRequest, reference: str) -> HttpResponse:
    """The page; `?since=` a moment, `?decision=` a number (404 for one that is not there), else since one looked."""
    person = person_of(request)
    seen = visible_to(person).annotate(is_uncovered=uncovered_by(person), looked_at=looked_at(person))
    assistance = get_object_or_404(seen.prefetch_related("lines", "documents"), reference=reference)
    decisions = list(all_decisions(assistance))
    since = _since(request, assistance, decisions)
    reads = may_read_text(person) and not stays_covered(assistance, person)
    activities = list(activities_for(person).filter(assistance=assistance))
    timeline = timeline_of(assistance, decisions, activities, person, reads=reads)
    number = since.decision.number if since.decision else 0
    context: dict[str, Any] = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "title": since.title,
        "differences": differences(assistance, since.moment, reads),
        "entries": [one for one in timeline.entries if one.at > since.moment.at or one.number > number > 0],
        "documents": [one for one in assistance.documents.all() if one.uploaded_at > since.moment.at],
        "reads": reads,
        "language": assistance.language,
        "zone": assistance.mission.time_zone,
    }
    return render(request, "workflow/changes.html", context)


def _since(request: HttpRequest, assistance: AssistanceRequest, decisions: list[Decision]) -> Since:
    if "decision" in request.GET:
        return _since_decision(request.GET["decision"], assistance, decisions)
    asked = _moment(request.GET.get("since", ""))
    seen: datetime = asked or assistance.looked_at or assistance.started_at  # type: ignore[attr-defined]
    words = plain_moment(seen, assistance.mission.time_zone)
    return Since(Moment(seen), _("Changes since %(moment)s") % {"moment": words})


def _since_decision(number: str, assistance: AssistanceRequest, decisions: list[Decision]) -> Since:
    decision = next((one for one in decisions if str(one.number) == number), None)
    if decision is None:
        raise Http404
    words = {
        "act": act_label(decision.act),
        "person": decision.actor,
        "moment": plain_moment(decision.at, assistance.mission.time_zone),
    }
    return Since(moment_after(decision), _("Changes since “%(act)s”, %(person)s, %(moment)s") % words, decision)


def _moment(text: str) -> datetime | None:
    """The moment of an address, if it is one and says its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
