"""Donor restrictions, tested on one line's facts: where it is spent, for whom, for what. Nothing about a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from finance.agreements import takes_commitments
from finance.allocation import Choice, Need, Offer, SpendFacts, allocate, is_broken
from finance.models import FundingStream, Restriction
from finance.queries import stream_choices
from gaf import clock
from gaf.money import Money
from gaf.refusals import Refusal

K = Restriction.Kind


__all__ = [
    "EndedStream",
    "Proposal",
    "RestrictedStream",
    "SpendFacts",
    "propose_streams",
    "require_fit",
    "why_restricted",
]


class RestrictedStream(Refusal):
    """The donor does not allow this line (FUND-02)."""


class EndedStream(Refusal):
    """The stream takes no new commitments on this day (FUND-03)."""


def _in_words(restriction: Restriction, facts: SpendFacts) -> str:
    if restriction.kind == K.CHILDREN_ONLY:
        return _("the donor gives for children only")
    return _("%(kind)s %(found)s: the donor says %(operator)s %(values)s") % {
        "kind": restriction.get_kind_display(),
        "found": ", ".join(sorted(facts.found(restriction.kind))) or "–",
        "operator": restriction.get_operator_display(),
        "values": ", ".join(sorted(restriction.values)[:12]),
    }


def why_restricted(stream: FundingStream, facts: SpendFacts) -> list[str]:
    """Each restriction of the stream that this line breaks, in words; empty when it fits."""
    return [_in_words(one, facts) for one in restrictions_of(stream) if is_broken(one, facts)]


def restrictions_of(stream: FundingStream) -> list[Restriction]:
    """What the donor demands; none is asked for where there is known to be none."""
    return list(stream.restrictions.all()) if getattr(stream, "has_restrictions", True) else []


def require_fit(stream: FundingStream, facts: SpendFacts, line_key: str) -> None:
    """Raises EndedStream or RestrictedStream when the stream may not bear this line today."""
    if not takes_commitments(stream, clock.today()):
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
    """Which stream a line should stand on, and why; `refused` says why others do not fit, `passed_over` why those that
    would fit were not taken. `bears_all` are the streams that could bear every line asked about alone."""

    stream_code: str | None
    why: str
    fits: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    passed_over: dict[str, str] = field(default_factory=dict)
    bears_all: list[str] = field(default_factory=list)


def propose_streams(
    amounts: dict[str, Money], facts: dict[str, SpendFacts], streams: Sequence[FundingStream] | None = None
) -> dict[str, Proposal]:
    """For each line (US dollars): the stream that fits every restriction, has the money, and should be used first.

    `streams` are those that can be chosen, where a page has read them already.
    """
    streams = stream_choices() if streams is None else streams
    needs = [Need(key, amount, facts[key]) for key, amount in amounts.items()]
    broken = {f"{need.key}/{s.code}": why_restricted(s, need.facts) for need in needs for s in streams}
    allocation = allocate(needs, [_offer(stream) for stream in streams], broken)
    return {key: _proposal(choice, allocation.bears_all) for key, choice in allocation.choices.items()}


def _offer(stream: FundingStream) -> Offer:
    return Offer(
        code=stream.code,
        free=stream.free,  # type: ignore[attr-defined]
        earmarking=stream.earmarking,
        conditions=tuple(restrictions_of(stream)),
        ends_on=stream.ends_on,
        is_open=stream.takes_commitments,  # type: ignore[attr-defined]
    )


def _proposal(choice: Choice, bears_all: list[str]) -> Proposal:
    refused = {code: str(why) for code, why in choice.others.items() if code not in choice.fits}
    return Proposal(
        stream_code=choice.code,
        why=str(choice.why),
        fits=choice.fits,
        refused=refused,
        passed_over={code: str(why) for code, why in choice.others.items() if code in choice.fits},
        bears_all=bears_all,
    )
