"""Controls drawn without templates are those of Django, but for blank lines."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from gaf.controls import Controls

HOSTILE = "\"><script>alert('&')</script>"
LISTED = [
    ("", gettext_lazy("Date")),
    (HOSTILE, HOSTILE),
    (7, 1234.5),
    ("Grouped & <more>", [("a", mark_safe("<b>bold</b>")), (True, "yes"), (None, "none")]),
]
ATTRS = {"id": "id_x", "class": HOSTILE, "required": True, "disabled": False, "data-many": 1234, "aria-label": ""}
WIDGETS = [
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.PasswordInput,
    forms.HiddenInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
    forms.CheckboxInput,
    forms.FileInput,
    forms.Textarea,
    forms.Select,
    forms.SelectMultiple,
    forms.NullBooleanSelect,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    forms.ClearableFileInput,
    forms.SelectDateWidget,
]
VALUES = [None, "", "a", HOSTILE, 7, 1234, Decimal("1234.50"), ["a", 7], datetime.date(2026, 11, 27)]


def tight(html):
    """Without the blank lines between tags, of which Django leaves one more for each choice."""
    return re.sub(r">\s+<", "><", html)


def test_forms_are_drawn_by_it():
    assert isinstance(get_default_renderer(), Controls)


def takes(kind, value):
    """Whether a control can stand at this value: a list is for those that take several."""
    return (
        kind.allow_multiple_selected if isinstance(value, list) and hasattr(kind, "allow_multiple_selected") else True
    )


PAIRS = [(kind, value) for kind in WIDGETS for value in VALUES if takes(kind, value)]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("kind", "value"), PAIRS, ids=[f"{kind.__name__}-{value}" for kind, value in PAIRS])
def test_each_is_djangos_own(kind, value, language):
    widget = kind()
    if hasattr(widget, "choices") and kind is not forms.NullBooleanSelect:
        widget.choices = LISTED
    with override(language):
        for attrs in ({}, ATTRS):
            drawn = widget.render("na<me", value, attrs, Controls()).replace(' autocomplete="off"', "")
            assert tight(drawn) == tight(widget.render("na<me", value, attrs, DjangoTemplates()))


def test_one_button_of_several_is_djangos_own():
    class Asked(forms.Form):
        which = forms.ChoiceField(choices=[("a", "<A>"), ("b", "B")], widget=forms.RadioSelect)

    def buttons(renderer):
        return [button.tag() for button in Asked({"which": "b"}, renderer=renderer)["which"].subwidgets]

    assert buttons(Controls()) == buttons(DjangoTemplates())


@pytest.mark.parametrize("kind", [forms.TextInput, forms.NumberInput, forms.Textarea, forms.Select])
def test_no_browser_is_to_keep_what_stands_in_one(kind):
    assert ' autocomplete="off"' in kind().render("x", "a", {}, Controls())
    assert ' autocomplete="email"' in kind({"autocomplete": "email"}).render("x", "a", {}, Controls())
