"""What is said in a complaint or a concern, and what becomes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.forms.fields import PlainForm
from gaf.accounts.models import User
from workflow.forms.acts import LONGEST_TEXT, code_field, text_field
from workflow.forms.fields import DayField
from workflow.forms.privacy import SightForm
from workflow.models import AnswerWay, ComplaintChannel, ComplaintKind, ConcernKind, Finding

LANGUAGES = [*settings.LANGUAGES, ("other", pgettext_lazy("language", "Another language"))]
_CHANNELS = [choice for choice in ComplaintChannel.choices if choice[0] != ComplaintChannel.PAGE]
_WAYS = [choice for choice in AnswerWay.choices if choice[0] != AnswerWay.PAGE]
_ONLY_OVERSIGHT = _("Only oversight reads this. Names may stand here where they are needed.")


def _open_text(label: Any, hint: Any = "", *, required: bool = True) -> forms.CharField:
    """Words in which names may stand: whoever is complained about has to be named somewhere."""
    box = forms.Textarea({"rows": 6})
    return forms.CharField(label=label, help_text=hint, required=required, max_length=LONGEST_TEXT, widget=box)


class RecordComplaintForm(SightForm):
    """What somebody said to the mission."""

    kind = code_field(
        _("What is it about?"),
        ComplaintKind.choices,
        _("Sexual exploitation or abuse goes to oversight at once; you do not see it any more."),
    )
    channel = code_field(_("How did it reach you?"), _CHANNELS)
    heard_on = DayField(label=_("On which day?"), not_later_than_today=True)
    language = forms.ChoiceField(label=_("In which language?"), choices=LANGUAGES)
    words = _open_text(_("What was said?"), _("As it was said. Sealed; only who looks into it reads it."))
    about_id = forms.TypedChoiceField(
        label=_("Is it about somebody of the fund?"), coerce=int, empty_value=None, required=False
    )
    answer_by = code_field(_("Is an answer wanted?"), _WAYS)

    def __init__(self, people: list[User], *args: Any, **kwargs: Any) -> None:
        """`people`: whom it may be about."""
        super().__init__(*args, **kwargs)
        nobody = ("", _("Nobody, or somebody who is not on this list"))
        self.fields["about_id"].choices = [nobody, *((one.pk, str(one)) for one in people)]  # type: ignore[attr-defined]


class ComplainForm(PlainForm):
    """The public page: no name is asked, and nothing is looked up that could tell whether a request exists."""

    kind = code_field(_("What is it about?"), ComplaintKind.choices)
    words = _open_text(_("What do you want to tell us?"), _("In any language. You need not say who you are."))
    reference = forms.CharField(
        label=_("Number of your request, if you know it"),
        help_text=_("It helps us find what it is about."),
        max_length=20,
        required=False,
    )


class AnswerPageForm(PlainForm):
    """The number and the word that were shown when the complaint was sent."""

    number = forms.CharField(label=_("Number"), max_length=20)
    word = forms.CharField(label=_("Word"), max_length=20)


class AnswerComplaintForm(PlainForm):
    """What the person is told, and what was found."""

    answer = text_field(_("What is the person told?"), _("Plain words; whoever knows number and word reads them."))
    reason = _open_text(_("What was found?"), _("Sealed. Those who look into complaints read it."))


class ConcludeComplaintForm(PlainForm):
    """What oversight found, and what the person is told, if that does no harm."""

    reason = _open_text(_("What was found?"), _ONLY_OVERSIGHT)
    answer = text_field(
        _("What is the person told?"), _("Only where it does no harm; nothing about others."), required=False
    )


class ReasonTextForm(PlainForm):
    """Words for the file."""

    reason = _open_text(_("Write it down"), _("Sealed."))


class ConcernForm(PlainForm):
    """What somebody of the fund is worried about."""

    kind = code_field(_("What is it about?"), ConcernKind.choices)
    words = _open_text(_("What happened?"), _ONLY_OVERSIGHT)
    reference = forms.CharField(
        label=_("Number of a request or payment, if there is one"),
        help_text=_("Nothing about this appears there."),
        max_length=20,
        required=False,
    )
    named = forms.BooleanField(
        label=_("Oversight may see who I am"),
        help_text=_("Without this your name is not kept."),
        required=False,
    )


class CloseConcernForm(PlainForm):
    """What oversight found."""

    finding = code_field(_("What was found?"), Finding.choices)
    reason = _open_text(_("In words"), _ONLY_OVERSIGHT)
