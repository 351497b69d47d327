"""To which mission a case is to go, what is asked of it, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import Mission, User
from workflow.forms.acts import ActForm, code_field, text_field
from workflow.forms.fields import with_nothing_chosen
from workflow.models import CaseTransferAim


class CaseTransferForm(ActForm):
    """The mission, or the person there who is to learn of a kept request; the aim by its code; the reason in words."""

    receiving = forms.ChoiceField(label=_("To which mission?"))
    aim = code_field(_("What is asked of it?"), CaseTransferAim.choices)
    reason = text_field(
        _("What should the other mission know?"),
        _("Sealed; read there only after the head of unit accepted. No names of persons."),
    )

    def __init__(self, heads: list[tuple[User, Mission]], by_name: bool, *args: Any, **kwargs: Any) -> None:
        """`heads`: who could accept it, with their mission; `by_name` where one of them is asked and nobody else."""
        super().__init__(*args, **kwargs)
        self._by_name = by_name
        missions = {mission.pk: str(mission) for _head, mission in heads}
        choices = [(f"{head.pk}:{mission.pk}", f"{head}, {mission}") for head, mission in heads]
        field: Any = self.fields["receiving"]
        field.choices = with_nothing_chosen(choices if by_name else [(str(pk), name) for pk, name in missions.items()])
        if by_name:
            field.label = _("Whom do you ask, in which mission?")
            field.help_text = _("This request is kept to named people. Nobody else there learns of it.")

    def said(self) -> dict[str, Any]:
        """What the action knows: the mission, and the person where one is asked by name."""
        found = super().said()
        person, _colon, mission = found.pop("receiving").rpartition(":")
        return {**found, "receiving_id": int(mission), "asked_person_id": int(person) if person else None}
