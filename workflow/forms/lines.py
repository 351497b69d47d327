"""Budget lines of one's own missions, as rows of inputs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import Mission
from workflow.actions.planning import LineText
from workflow.codelists import AgeBand, Sex, Unit, country_name, why_not_by_call
from workflow.cost_norms import Compared, above_usual
from workflow.forms.fields import (
    AmountField,
    CaseTextField,
    QuantityField,
    currency_choices,
    grouped_types,
    read_money,
    with_nothing_chosen,
)
from workflow.forms.rows import RowSet, row_set
from workflow.models import AssistanceRequest, BudgetLine, Person

_LONGEST_DESCRIPTION = 200
_LONGEST_REASON = 500
# Chosen before anything is written, so alone they do not make a line.
_PREFILLED = ("mission", "currency", "persons")


def person_words(number: int, person: Person) -> str:
    """A person as a case worker tells them apart: “1: Female, 18 to 24, Guinea”."""
    country = country_name(person.nationality)
    return f"{number}: {Sex(person.sex).label}, {AgeBand(person.age_band).label}, {country}"


def person_choices(assistance: AssistanceRequest) -> list[tuple[str, str]]:
    """Persons who take part, by key; the number is their place in the request, which stays when others leave."""
    persons = enumerate(assistance.persons.all(), start=1)
    return [(person.key, person_words(number, person)) for number, person in persons if not person.has_left]


class LineForm(forms.Form):
    """One line: what for, for whom, how much."""

    use_required_attribute = False
    line_id = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    mission = forms.ChoiceField(label=_("Mission"))
    assistance_type = forms.ChoiceField(label=_("Type"), choices=with_nothing_chosen(grouped_types()))
    description = CaseTextField(
        label=_("Description"), max_length=_LONGEST_DESCRIPTION, widget=forms.TextInput({"autocomplete": "off"})
    )
    persons = forms.MultipleChoiceField(label=_("For whom"), widget=forms.CheckboxSelectMultiple)
    unit = forms.ChoiceField(label=_("Unit"), choices=with_nothing_chosen(Unit.choices))
    quantity = QuantityField(label=_("Quantity"))
    unit_cost = AmountField(label=_("Unit cost"))
    currency = forms.ChoiceField(label=_("Currency"))
    price_reason = CaseTextField(
        label=_("Why it costs more than usual"), max_length=_LONGEST_REASON, rows=2, required=False
    )

    def __init__(self, *args: Any, missions: list[Mission], persons: list[tuple[str, str]], **kwargs: Any) -> None:
        """Lines are for one's own missions, in their currencies or in dollars."""
        super().__init__(*args, **kwargs)
        self.stored: BudgetLine | None = None
        self.over: Compared | None = None
        self.fields["mission"].choices = [(str(m.pk), m.name) for m in missions]  # type: ignore[attr-defined]
        if len(missions) == 1:
            self.fields["mission"].widget = forms.HiddenInput()
        currencies = dict(pair for mission in missions for pair in currency_choices(mission.currency))
        self.fields["currency"].choices = list(currencies.items())  # type: ignore[attr-defined]
        self.fields["persons"].choices = persons  # type: ignore[attr-defined]
        self.fields["mission"].initial = str(missions[0].pk)
        self.fields["persons"].initial = [key for key, _label in persons]
        for name in _PREFILLED:
            self.fields[name].has_changed = lambda initial, data: False  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        """Read the unit cost in its currency; a line that costs nothing is no line."""
        said = super().clean() or {}
        if said.get("currency"):
            money = read_money(self, "unit_cost", said["currency"])
            if money is not None and not money:
                self.add_error("unit_cost", _("Write a cost above nought, or remove the line."))
            said["money"] = money
        not_by_call = why_not_by_call(said.get("assistance_type", ""), said.get("unit", ""))
        if not_by_call:
            self.add_error("unit", not_by_call)
        return said

    def stands_for(self, stored: BudgetLine | None, over: Compared | None) -> None:
        """The line stored, and how far it is above the usual cost; only then the row asks why."""
        self.stored, self.over = stored, over
        if over is None and not (stored and stored.price_reason):
            del self.fields["price_reason"]

    def text(self) -> LineText:
        """The line as written."""
        said = self.cleaned_data
        return LineText(
            mission_id=int(said["mission"]),
            assistance_type=said["assistance_type"],
            description=said["description"],
            unit=said["unit"],
            quantity=said["quantity"],
            unit_cost=said["money"],
            person_keys=tuple(said["persons"]),
            line_id=said["line_id"],
            price_reason=said["price_reason"] if "price_reason" in self.fields else None,
        )


class LineRows(RowSet):
    """All lines of one's own missions."""

    known_ids: frozenset[int] = frozenset()

    def clean(self) -> None:
        """Refuse lines of others, and a line twice."""
        if any(self.errors):
            return
        named = [row.cleaned_data["line_id"] for row in self.written if row.cleaned_data["line_id"]]
        if len(named) != len(set(named)) or not set(named) <= self.known_ids:
            raise forms.ValidationError(_t("One of these lines is not yours, or is not there any more."))


LinesFormSet = row_set(LineForm, LineRows)


def fresh_line(assistance: AssistanceRequest, own: list[Mission]) -> dict[str, list[str]]:
    """What a new row starts with: the first of one's missions, and every person."""
    return {"mission": [str(own[0].pk)], "persons": [key for key, _words in person_choices(assistance)]}


class Lines:
    """The rows of a person's own missions, and what they change."""

    def __init__(self, assistance: AssistanceRequest, own: list[Mission], posted: QueryDict | None = None) -> None:
        """Filled with the lines stored, or with what was posted."""
        lines = assistance.lines.filter(mission__in=own, state="PROPOSED").prefetch_related("persons")
        self.stored = {line.pk: line for line in lines}
        self.rows = LinesFormSet(
            posted,
            prefix="lines",
            initial=None if posted is not None else [_shown(line) for line in self.stored.values()],
            form_kwargs={"missions": own, "persons": person_choices(assistance)},
        )
        self.rows.known_ids = frozenset(self.stored)
        above = above_usual(assistance, list(self.stored.values()))
        for row in self.rows.forms:
            named = str(row["line_id"].value() or "")
            stored = self.stored.get(int(named)) if named.isdecimal() and len(named) < 19 else None
            row.stands_for(stored, above.get(stored.pk) if stored else None)

    def changes(self) -> tuple[list[LineText], list[int]]:
        """Lines that are new or differ, and numbers of lines that were taken out."""
        texts = [row.text() for row in self.rows.written]
        stored = {pk: _text(line) for pk, line in self.stored.items()}
        kept = {text.line_id for text in texts}
        changed = [text for text in texts if text.line_id is None or _compared(text) != _compared(stored[text.line_id])]
        return changed, [pk for pk in stored if pk not in kept]


def _text(line: BudgetLine) -> LineText:
    keys = tuple(person.key for person in line.persons.all())
    return LineText(
        line.mission_id,
        line.assistance_type,
        line.description_text,
        line.unit,
        line.quantity,
        line.unit_cost,
        keys,
        line.pk,
        line.price_reason_text,
    )


def _compared(text: LineText) -> dict[str, Any]:
    return {**vars(text), "person_keys": sorted(text.person_keys), "price_reason": text.price_reason or ""}


def _shown(line: BudgetLine) -> dict[str, Any]:
    text = _text(line)
    return {
        "line_id": line.pk,
        "mission": str(text.mission_id),
        "assistance_type": text.assistance_type,
        "description": text.description,
        "price_reason": text.price_reason,
        "persons": list(text.person_keys),
        "unit": text.unit,
        "quantity": format(text.quantity.normalize(), "f"),
        "unit_cost": str(text.unit_cost.decimal),
        "currency": text.unit_cost.currency,
    }
