"""The timeline of a request: messages, notes and changes in one list, what people did told apart from the system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.sealing import unseal_all
from workflow.models import Activity, AssistanceRequest, Remark, RemarkKind
from workflow.remarks import remarks_for
from workflow.views.decisions_shown import DecisionShown, decisions_shown
from workflow.views.history import Edit
from workflow.views.record_parts import sealed

# What the timeline can be narrowed to, by the word in its address.
SHOWS: dict[str, str | Promise] = {
    "all": gettext_lazy("All"),
    "messages": gettext_lazy("Messages"),
    "notes": gettext_lazy("Notes"),
    "activities": gettext_lazy("Activities"),
    "changes": gettext_lazy("Changes"),
    "system": gettext_lazy("By the system"),
}
_KINDS = {"messages": "message", "notes": "note", "activities": "activity"}
ON_THE_RECORD = 10
_TOGETHER = timedelta(seconds=10)


@dataclass(frozen=True)
class Filter:
    """One way of narrowing the timeline, and how many entries it leaves."""

    show: str
    label: str
    count: int
    current: bool


@dataclass
class Timeline:
    """Every entry, newest first."""

    entries: list[DecisionShown] = field(default_factory=list)

    def narrowed(self, show: str) -> list[DecisionShown]:
        """The entries of one filter."""
        return [entry for entry in self.entries if _fits(entry, show)]

    @property
    def by_people(self) -> list[DecisionShown]:
        """The newest entries of people, as the record shows them."""
        return [entry for entry in self.entries if not entry.system][:ON_THE_RECORD]

    @property
    def people_count(self) -> int:
        """How many entries are of people."""
        return sum(1 for entry in self.entries if not entry.system)

    @property
    def system_count(self) -> int:
        """How many entries the system wrote."""
        return len(self.narrowed("system"))

    def filters(self, current: str) -> list[Filter]:
        """The ways of narrowing it, with their counts."""
        return [Filter(show, str(label), len(self.narrowed(show)), show == current) for show, label in SHOWS.items()]


def _fits(entry: DecisionShown, show: str) -> bool:
    if show == "system":
        return entry.system
    if show == "changes":
        return entry.kind == "change" and not entry.system
    return show == "all" or _KINDS.get(show) == entry.kind


def timeline_of(
    assistance: AssistanceRequest,
    decisions: Iterable[Decision],
    activities: Iterable[Activity],
    person: User,
    *,
    reads: bool,
) -> Timeline:
    """Messages, notes of the person's side, decisions, and what was done of the activities of that side.

    `reads`: what people wrote is open to this person.
    """
    own = [decision for decision in decisions if decision.reference == assistance.reference]
    entries = [
        *decisions_shown(assistance, own, reads),
        *remarks_shown(list(remarks_for(assistance, person)), reads),
        *_ended_activities([one for one in activities if not one.is_open], reads),
    ]
    return Timeline(sorted(entries, key=lambda entry: entry.at, reverse=True))


def with_edits(timeline: Timeline, edits: Iterable[Edit]) -> Timeline:
    """The timeline with every edit of what is written, folded under the decision it was part of or under its hour."""
    for edit in edits:
        place = next((entry for entry in timeline.entries if _holds(entry, edit)), None)
        if place is None:
            place = DecisionShown(edit.at, _("Text changed"), edit.who, "", "", "", system=False, by=edit.by)
            timeline.entries.append(place)
        place.edits.append(edit)
    timeline.entries.sort(key=lambda entry: entry.at, reverse=True)
    return timeline


def _holds(entry: DecisionShown, edit: Edit) -> bool:
    """Whether an edit was made together with this entry: by the same person, within seconds."""
    return entry.kind == "change" and entry.by == edit.by and abs(edit.at - entry.at) <= _TOGETHER


def remarks_shown(remarks: list[Remark], reads: bool) -> list[DecisionShown]:
    """Messages and notes as entries of a timeline, their text for those who may read it."""
    texts = unseal_all([remark.body for remark in remarks]) if reads else [sealed()] * len(remarks)
    return [
        DecisionShown(
            at=remark.written_at,
            title=_title(remark),
            who=str(remark.written_by),
            role=remark.mission.name if remark.mission else _("headquarters"),
            text=text,
            language="",
            system=False,
            kind=remark.kind.lower(),
            by=remark.written_by_id,
        )
        for remark, text in zip(remarks, texts, strict=True)
    ]


def _title(remark: Remark) -> str:
    if remark.kind == RemarkKind.MESSAGE:
        return _("Message to headquarters") if remark.mission else _("Message to the mission")
    return (
        _("Note for %(mission)s only") % {"mission": remark.mission.name}
        if remark.mission
        else _("Note for headquarters only")
    )


def _ended_activities(activities: list[Activity], reads: bool) -> list[DecisionShown]:
    """Activities that were done or cancelled as entries of a timeline."""
    texts = unseal_all([one.outcome for one in activities]) if reads else [""] * len(activities)
    return [
        DecisionShown(
            at=one.done_at or one.cancelled_at or one.planned_at,
            title=(_("%(type)s: done") if one.done_at else _("%(type)s: cancelled")) % {"type": one.get_type_display()},
            who=str(one.ended_by),
            role="",
            text=text,
            language="",
            system=False,
            kind="activity",
            by=one.ended_by_id or 0,
        )
        for one, text in zip(activities, texts, strict=True)
    ]
