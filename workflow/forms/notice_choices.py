"""The form of one's mails: for each kind of event at once, once a day, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from gaf.accounts.models import NoticeWish
from gaf.notice_kinds import KINDS

CHOSEN = [kind for kind in KINDS if not kind.always]


class NoticeForm(forms.Form):
    """One choice for each kind that is not urgent."""

    use_required_attribute = False

    def __init__(self, *args: Any, wishes: Mapping[str, str], **kwargs: Any) -> None:
        """`wishes` are the person's present ones by kind."""
        super().__init__(*args, **kwargs)
        for kind in CHOSEN:
            self.fields[kind.code] = forms.ChoiceField(
                label=str(kind.label),
                choices=NoticeWish.choices,
                initial=wishes.get(kind.code, NoticeWish.NOW),
                widget=forms.RadioSelect,
            )
