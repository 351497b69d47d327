"""Starting a request: how urgent it is, for which mission, in which language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf import ids
from gaf.accounts.models import Mission
from gaf.refusals import Incomplete, Refusal
from workflow.codelists import Language


class StartForm(forms.Form):
    """The mission and the language. The key makes a double press one request."""

    use_required_attribute = False
    idempotency_key = forms.RegexField(
        regex=r"[0-9a-f]{32}",
        strip=True,
        max_length=32,
        widget=forms.HiddenInput,
        error_messages={"required": _("Open this page again."), "invalid": _("Open this page again.")},
    )
    mission = forms.ChoiceField(label=_("For which mission?"))
    language = forms.ChoiceField(
        label=_("In which language do you write?"), choices=Language.choices, widget=forms.RadioSelect
    )

    def __init__(self, missions: list[Mission], *args: Any, **kwargs: Any) -> None:
        """`missions`: those the person writes for; a single one is not asked."""
        first = missions[0]
        initial = {"idempotency_key": ids.random_key(), "mission": str(first.pk), "language": first.language}
        kwargs["initial"] = {**initial, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        field = self.fields["mission"]
        field.choices = [(str(mission.pk), mission.name) for mission in missions]  # type: ignore[attr-defined]
        if len(missions) == 1:
            field.widget = forms.HiddenInput()

    @property
    def mission_id(self) -> int:
        """The mission chosen."""
        return int(self.cleaned_data["mission"])

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        words = refusal.obstacles if isinstance(refusal, Incomplete) else [_sentence(refusal)]
        for word in words:
            self.add_error(None, word)


def _sentence(refusal: Refusal) -> str:
    return f"{refusal.what} {refusal.why} {refusal.next_step} ({refusal.code})"


class NewRequestForm(StartForm):
    """Danger now, or not tonight; and, where it is not tonight, what a draft is opened with."""

    urgency = forms.ChoiceField(
        label=_("What do you need?"),
        choices=[
            ("urgent", _("Someone is in danger now, or will be before tomorrow")),
            ("standard", _("Help is needed, but not tonight")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
