"""Permits: who may do an act, as a list of rules each of which can say no in words. An empty permit denies.

A rule gets the record, the person and what is being decided, and answers None or a Refusal. The same permit draws the
buttons, explains why one is missing, and is required by the gate; the database holds separation of duties once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser, PermissionsMixin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf import clock
from gaf.accounts.models import Delegation, User
from gaf.accounts.queries import delegation_for, holds, people_with, stands_in, stood_in_for
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.decisions.models import Decision, SeparationRule
from gaf.money import Money
from gaf.refusals import NotPermitted, Refusal


@dataclass
class Question:
    """May this person do this act on this record? What the rules read."""

    subject: Any
    act: str
    actor: User
    amount: Money | None = None
    related: str = ""
    # What the person decided on this request before; read when not given, so that one page reads it once.
    decisions: Sequence[Decision] | None = None
    # Everything that anybody decided on this request before; there where the person's own were read.
    so_far: Sequence[Decision] = ()
    # Delegations by person and US cents, each looked for once however many rules ask.
    delegations: dict[tuple[int, int], Delegation | None] = field(default_factory=dict)
    rules: list[SeparationRule] | None = None


Rule = Callable[[Question], Refusal | None]
NOT_DONE = gettext_lazy("Not done.")


def _names(role: str, mission_ids: set[int] | None) -> str:
    names = [str(person) for person in people_with(role, mission_ids)[:4]]
    return ", ".join(names) or _("nobody yet")


@dataclass(frozen=True)
class Permit:
    """Everything that must hold before an act. `roles` may do it; each rule may say no."""

    roles: tuple[Role, ...]
    rules: tuple[Rule, ...] = ()
    lead_only: bool = False

    def role_used(self, question: Question) -> str:
        """The role under which the person does this act; empty when none of the permit's roles is held."""
        if question.actor.is_system:
            return Role.SYSTEM if Role.SYSTEM in self.roles else ""
        for role in self.roles:
            if holds(question.actor, role, self._missions(question, role)):
                return role
        return ""

    def _missions(self, question: Question, role: str) -> set[int] | None:
        if role not in MISSION_ROLES:
            return None
        return {question.subject.mission_id} if self.lead_only else set(question.subject.mission_ids())

    def stands_for(self, question: Question) -> User | None:
        """The person who is away in whose place this person does the act; None when it is in one's own right."""
        actor, role = question.actor, self.role_used(question)
        assigned = stands_in(actor, getattr(question.subject, "taken_by_id", None), [role])
        if assigned is not None:
            return assigned
        absent = stood_in_for(actor, role)
        given = self.instrument(question) if absent is None else None
        if given is not None and given.person_id != actor.pk:
            absent = given.person
        return absent

    def instrument(self, question: Question) -> Delegation | None:
        """The delegation under which money is approved; none for an act that asks for none."""
        if question.amount is None or within_delegation not in self.rules:
            return None
        return covering(question)

    def why_not(self, question: Question) -> list[Refusal]:
        """Every reason why this person may not do this act; empty when nothing stands against it."""
        if not self.role_used(question):
            return [self._not_the_role(question)]
        if question.decisions is None:
            question = with_decisions(question)  # read once for every rule
        found = [separation_refusal(question), *(rule(question) for rule in self.rules)]
        absent = self.stands_for(question)
        if absent is not None:
            found.append(_absent_may_not(question, absent, self.rules))
        return [refusal for refusal in found if refusal is not None]

    def _not_the_role(self, question: Question) -> Refusal:
        human = [role for role in self.roles if role != Role.SYSTEM]
        if not human:
            return Refusal("ROLE-03", NOT_DONE, _("The system does this by itself."), "")
        who = "; ".join(f"{role.label}: {_names(role, self._missions(question, role))}" for role in human)
        return Refusal(
            "ROLE-02", NOT_DONE, _("This act belongs to another role."), _("Who can: %(who)s.") % {"who": who}
        )

    def require(self, question: Question) -> str:
        """The role used. Raises NotPermitted with every reason."""
        refusals = self.why_not(question)
        if refusals:
            raise NotPermitted(refusals)
        return self.role_used(question)

    def __call__(self, subject: Any, person: AbstractUser | AnonymousUser | PermissionsMixin) -> bool:
        """The form django-fsm asks in. Somebody who is not signed in may do nothing."""
        return isinstance(person, User) and not self.why_not(Question(subject, "", person))


def separation_refusal(question: Question) -> Refusal | None:
    """Whether an earlier decision of this person on this request excludes this act, by the rules in force today."""
    if question.decisions is None:
        question = with_decisions(question)
    own, rules = question.decisions, question.rules
    if not own:
        return None
    if rules is None:
        rules = rules_in_force({question.act}, among={question.act, *(decision.act for decision in own)})
    return _first_clash(question, [rule for rule in rules if question.act in (rule.first_act, rule.second_act)], own)


def _absent_may_not(question: Question, absent: User, rules: tuple[Rule, ...]) -> Refusal | None:
    """DEPUTY-01: a deputy does nothing that the person who is away may not do."""
    asked = replace(question, actor=absent, decisions=None)
    clash = next((said for rule in (separation_refusal, *rules) if (said := rule(asked)) is not None), None)
    if clash is None:
        return None
    return Refusal(
        "DEPUTY-01",
        NOT_DONE,
        _("You stand in for %(name)s, who may not do this on this request either (%(rule)s).")
        % {"name": absent, "rule": clash.code},
        _("Ask someone else who may do this."),
    )


def rules_in_force(acts: set[str], *, among: set[str] | None = None) -> list[SeparationRule]:
    """The separation rules of today that name one of these acts; a page that asks about many acts reads them once.

    `among` leaves out the rules with an act that is not in it.
    """
    rules = _rules_of_today().filter(Q(first_act__in=acts) | Q(second_act__in=acts))
    return list(rules if among is None else rules.filter(first_act__in=among, second_act__in=among))


def _rules_of_today() -> QuerySet[SeparationRule]:
    return SeparationRule.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=clock.today()),
        approved_by__isnull=False,
        effective_from__lte=clock.today(),
    )


def own_decisions(question: Question) -> list[Decision]:
    """What this person, or a deputy for them, decided before on this request or on the record related to it."""
    return list(Decision.objects.filter(_on_it(question), _by_the_person(question)))


def _keys(question: Question) -> list[str]:
    """The request or record that a question is about, and what is related to it."""
    return [key for key in (question.subject.decision_reference(), question.related) if key]


def _on_it(question: Question) -> Q:
    keys = _keys(question)
    return Q(reference__in=keys) | Q(related__in=keys, related__gt="")


def _by_the_person(question: Question) -> Q:
    return Q(actor=question.actor) | Q(on_behalf_of=question.actor)


def with_decisions(question: Question) -> Question:
    """The question with what was decided on the request before, by this person and by anybody, in their order.

    It has no rules then where none names this act and one that the person did. That is so nearly always, and the rules
    are not read; amounts are left to whoever weighs a rule.
    """
    wanted = Q(reference=question.subject.decision_reference()) | (_on_it(question) & _by_the_person(question))
    return _answered(question, _decisions(wanted, question.act))


def with_decisions_each(questions: Sequence[Question]) -> list[Question]:
    """The same of questions about one act of one person on many records: asked as one."""
    if not questions:
        return []
    first, about = questions[0], [_keys(question) for question in questions]
    keys = {key for one in about for key in one}
    near = Q(reference__in=keys) | Q(related__in=keys, related__gt="")
    wanted = Q(reference__in={one.subject.decision_reference() for one in questions}) | near & _by_the_person(first)
    named: dict[str, dict[int, Any]] = {key: {} for key in keys}
    for decision in _decisions(wanted, first.act):
        for key in {decision.reference, decision.related} & keys:
            named[key][decision.number] = decision
    found = [{number: one for key in own for number, one in named[key].items()} for own in about]
    return [
        _answered(question, [its_own[number] for number in sorted(its_own)])
        for question, its_own in zip(questions, found, strict=True)
    ]


def _decisions(wanted: Q, act: str) -> list[Any]:
    """Decisions in their order; each says whether a rule of today names its act and this one."""
    acts = Q(first_act=act, second_act=OuterRef("act")) | Q(second_act=act, first_act=OuterRef("act"))
    rows = Decision.objects.filter(wanted).defer("facts", "reason")
    return list(rows.annotate(may_clash=Exists(_rules_of_today().filter(acts))).order_by("number"))


def _answered(question: Question, found: Sequence[Any]) -> Question:
    own = [one for one in found if question.actor.pk in (one.actor_id, one.on_behalf_of_id)]
    rules = question.rules if any(one.may_clash for one in own) else []
    here = [one for one in found if one.reference == question.subject.decision_reference()]
    return replace(question, decisions=own, rules=rules, so_far=here)


def _first_clash(question: Question, rules: list[SeparationRule], own: Sequence[Decision]) -> Refusal | None:
    for rule in rules:
        other = rule.second_act if rule.first_act == question.act else rule.first_act
        for decision in own:
            amounts = [decision.amount_minor or 0, question.amount.minor if question.amount else 0]
            if decision.act == other and (rule.above_minor is None or max(amounts) > rule.above_minor):
                return Refusal(
                    rule.code,
                    NOT_DONE,
                    _("You did “%(other)s” on this request, and one person may not do both.")
                    % {"other": act_label(other)},
                    _("Ask someone else who may do this."),
                )
    return None


_labels: dict[str, Any] = {}


def name_act(act: str, label: Any) -> None:
    """Tell the word of an act as it stands on its button."""
    _labels[act] = label


def act_label(act: str) -> str:
    """The word of an act, as on its button."""
    return str(_labels.get(act, act.replace("_", " ")))


def covering(question: Question) -> Delegation | None:
    """The smallest delegation in force that covers the amount in question, or any where none is said yet."""
    amount = question.amount or Money(1, "USD")
    key = (question.actor.pk, amount.minor)
    if key not in question.delegations:
        question.delegations[key] = delegation_for(question.actor, amount)
    return question.delegations[key]


def within_delegation(question: Question) -> Refusal | None:
    """DOA-01: whoever approves money needs a delegation in force that covers the amount."""
    question_amount = Money(1, "USD") if question.amount is None else question.amount
    if covering(question) is not None:
        return None
    able = Delegation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=clock.today()),
        starts_on__lte=clock.today(),
        ceiling_minor__gte=question_amount.minor,
    ).exclude(person=question.actor)
    names = ", ".join(sorted({str(row.person) for row in able.select_related("person")[:5]})) or _("nobody yet")
    return Refusal(
        "DOA-01",
        NOT_DONE,
        _("You have no delegation in force that covers %(amount)s.") % {"amount": question_amount},
        _("Who can: %(who)s.") % {"who": names},
    )


def permit(*roles: Role, rules: tuple[Rule, ...] = (), lead_only: bool = False) -> Permit:
    """A permit for these roles. `lead_only`: mission roles count in the requesting mission only."""
    return Permit(roles=roles, rules=rules, lead_only=lead_only)
