"""Saying what text is needed for, naming a reader of a strict request, setting a canary."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import User
from gaf.privacy.models import Purpose
from gaf.refusals import Refusal
from workflow.forms.acts import code_field, text_field


class SightForm(forms.Form):
    """A form about who sees a request; what the request says is the same before and after."""

    use_required_attribute = False

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error(None, " ".join([refusal.what, refusal.why, refusal.next_step]).strip())


class RevealForm(SightForm):
    """A purpose of the list, and why in one's own words; both are kept and shown to the request's author."""

    purpose = code_field(_("What do you need the text for?"), Purpose.choices)
    reason = text_field(_("Why, in your own words"), _("Whoever wrote the request reads this. No names of persons."))


class RestrictForm(SightForm):
    """Nothing but the decision."""


class NameReaderForm(SightForm):
    """One person of the list."""

    person_id = forms.TypedChoiceField(label=_("Person"), coerce=int)

    def __init__(self, people: list[User], *args: object, **kwargs: object) -> None:
        """Offer these people."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [("", _("Choose")), *((person.pk, person.name) for person in people)]
        self.fields["person_id"].choices = choices  # type: ignore[attr-defined]


class CanaryForm(forms.Form):
    """The reference of an invented request that nobody has a reason to open."""

    use_required_attribute = False
    reference = forms.CharField(label=_("Reference of the invented request"), max_length=20)
