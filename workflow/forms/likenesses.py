"""What the missions answered about two persons who may be one, and what a third decides."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from finance.forms.fields import PlainForm
from workflow.forms.acts import code_field, text_field
from workflow.models import LikenessVerdict


class WeighForm(PlainForm):
    """What it comes to, and what was asked of whom."""

    proposed = code_field(_("What did they answer?"), LikenessVerdict.choices)
    reason = text_field(_("What was asked, and what was answered?"), _("Sealed. No names, nothing of either case."))
