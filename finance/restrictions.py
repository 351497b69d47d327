"""Donor restrictions, tested on one line's facts: where it is spent, for whom, for what. Nothing about a person."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from finance.models import FundingStream, Restriction
from finance.queries import stream_choices
from gaf import clock
from gaf.money import Money
from gaf.refusals import Refusal

K = Restriction.Kind


@dataclass(frozen=True)
class SpendFacts:
    """What restrictions are tested on."""

    country: str
    nationalities: frozenset[str]
    categories: frozenset[str]
    assistance_type: str
    children_only: bool


class RestrictedStream(Refusal):
    """The donor does not allow this line (FUND-02)."""


class EndedStream(Refusal):
    """The stream takes no new commitments on this day (FUND-03)."""


def _found(facts: SpendFacts, kind: str) -> frozenset[str]:
    return {
        K.SPENT_IN: frozenset({facts.country}),
        K.NATIONALITY: facts.nationalities,
        K.CATEGORY: facts.categories,
        K.ASSISTANCE_TYPE: frozenset({facts.assistance_type}),
    }[K(kind)]


def why_restricted(stream: FundingStream, facts: SpendFacts) -> list[str]:
    """Each restriction of the stream that this line breaks, in words; empty when it fits."""
    broken = []
    for restriction in stream.restrictions.all():
        if restriction.kind == K.CHILDREN_ONLY:
            if not facts.children_only:
                broken.append(_("the donor gives for children only"))
            continue
        found, values = _found(facts, restriction.kind), set(restriction.values)
        only_broken = restriction.operator == Restriction.Operator.ONLY and not found & values
        not_broken = restriction.operator == Restriction.Operator.NOT and found & values
        if only_broken or not_broken:
            broken.append(
                _("%(kind)s %(found)s: the donor says %(operator)s %(values)s")
                % {
                    "kind": restriction.get_kind_display(),
                    "found": ", ".join(sorted(found)) or "–",
                    "operator": restriction.get_operator_display(),
                    "values": ", ".join(sorted(values)[:12]),
                }
            )
    return broken


def require_fit(stream: FundingStream, facts: SpendFacts, line_key: str) -> None:
    """Raises EndedStream or RestrictedStream when the stream may not bear this line today."""
    today = clock.today()
    if stream.starts_on > today or (stream.ends_on is not None and stream.ends_on < today):
        raise EndedStream(
            "FUND-03",
            _("Line %(line)s was not committed.") % {"line": line_key},
            _("Stream %(stream)s takes no new commitments today.") % {"stream": stream.code},
            _("Choose a stream that is in force."),
        )
    broken = why_restricted(stream, facts)
    if broken:
        raise RestrictedStream(
            "FUND-02",
            _("Line %(line)s was not committed.") % {"line": line_key},
            _("Stream %(stream)s does not allow it: %(why)s.") % {"stream": stream.code, "why": "; ".join(broken)},
            _("Choose another stream for this line."),
        )


@dataclass(frozen=True)
class Proposal:
    """Which stream a line should stand on, and why; `refused` says why the others do not fit."""

    stream_code: str | None
    why: str
    fits: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def _preference(stream: FundingStream) -> tuple[bool, object, int, str]:
    """Ends soonest first, then the most restricted; unearmarked money is kept for last."""
    unearmarked = stream.earmarking == FundingStream.Earmarking.UNEARMARKED
    ends = stream.ends_on.isoformat() if stream.ends_on else "9999"
    return (unearmarked, ends, -len(stream.restrictions.all()), stream.code)


def propose_streams(amounts: dict[str, Money], facts: dict[str, SpendFacts]) -> dict[str, Proposal]:
    """For each line (US dollars): the stream that fits every restriction, has the money, and should be used first."""
    streams = sorted(stream_choices(), key=_preference)
    left = {stream.code: stream.free for stream in streams}  # type: ignore[attr-defined]
    result = {}
    for line_key, amount in amounts.items():
        refused = {s.code: "; ".join(why_restricted(s, facts[line_key])) for s in streams}
        fitting = [s for s in streams if not refused[s.code]]
        chosen = next((s for s in fitting if left[s.code] >= amount), None)
        if chosen is not None:
            left[chosen.code] = left[chosen.code] - amount
        result[line_key] = Proposal(
            chosen.code if chosen else None,
            _why(chosen, bool(fitting)),
            [s.code for s in fitting],
            {code: why for code, why in refused.items() if why},
        )
    return result


def _why(chosen: FundingStream | None, any_fits: bool) -> str:
    if chosen is None:
        return _("no stream that fits has enough left") if any_fits else _("no stream allows this line")
    if chosen.earmarking == FundingStream.Earmarking.UNEARMARKED:
        return _("unearmarked money, since no earmarked stream fits and has enough")
    if chosen.ends_on:
        return _("fits, and ends soonest: %(day)s") % {"day": chosen.ends_on.isoformat()}
    return _("fits, and leaves unearmarked money untouched")
