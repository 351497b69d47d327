"""Tags that prepare what a component template draws: states, stages, form fields, errors, the fund's bar.

A tag here never queries and never decides who may do what; it turns values a view has prepared into small lists
for `templates/components/*.html`. Their inputs stand in the first comment of each file.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.forms import BaseForm, Field
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gaf.choices import Rarer
from gaf.money import Money
from gaf.templatetags import state_words
from gaf.templatetags.formats import Absent
from gaf.templatetags.state_words import words_for

register = template.Library()


@register.simple_tag
def state_tag(state: str, audience: str = "hq", detail: object = "", of: str = "request") -> SafeString:
    """The state `of` a kind of record as `audience` (“mission”, “hq”) reads it; `detail` is a name, date or reason."""
    return _state_tag(get_language(), str(state), audience, str(detail or ""), of)


@functools.lru_cache(maxsize=4096)
def _state_tag(_language: str | None, state: str, audience: str, detail: str, of: str) -> SafeString:
    words = words_for(state, of, audience)
    return _tag(words.text(detail), words.family, words.drawn)


@register.simple_tag
def priority_tag(priority: str) -> SafeString:
    """P1 is solid red; the others are plain, because red is kept for danger, failure and lateness."""
    return _priority_tag(get_language(), str(priority))


@functools.lru_cache(maxsize=64)
def _priority_tag(_language: str | None, code: str) -> SafeString:
    family = "emergency" if code == "P1" else "plain"
    return _tag(f"{code} {state_words.PRIORITIES.get(code, '')}".strip(), family)


def _tag(text: str, family: str, shape: str = "") -> SafeString:
    """A state or priority as colour (grey … red, emergency, plain), shape and word; drawn without a template and kept
    for each language, since a list has two in each row."""
    drawn = format_html('<i class="shape {}" aria-hidden="true"></i>', shape) if shape else ""
    return format_html('<span class="tag {}">{}{}</span>', family, drawn, text)


@register.inclusion_tag("components/status_bar.html")
def status_bar(state: str, at: str = "") -> dict[str, object]:
    """The six stages with the present one marked; `at` is the state a held or interrupted request stood in."""
    code = str(state)
    stands_in = state_words.STAGE_OF.get(str(at)) or state_words.STAGE_OF.get(code, 1)
    closed, ended = code == "CLOSED", code in state_words.ENDED
    stages = []
    for position, label in enumerate(state_words.STAGES, start=1):
        present = position == stands_in and not closed
        progress = "done" if position < stands_in or closed else "todo"
        if present:
            progress = "ended" if ended else "now"
        stages.append({"label": label, "progress": progress, "present": present})
    return {"stages": stages, "closed": closed, "ended": ended, "position": stands_in}


def _errors_at(field: BoundField) -> list[str]:
    """What is wrong at a field; Django's bare “This field is required.” becomes a sentence that names the field."""
    named = _("Answer “%(label)s”.") % {"label": field.label}
    return [named if _is_bare(error) else error for error in map(str, field.errors)]


def _is_bare(error: str) -> bool:
    return error == str(Field.default_error_messages["required"])


@contextmanager
def _without_required(field: BoundField) -> Iterator[None]:
    """No `required` in the HTML: the server checks, so that a page with scripts off explains in its own words."""
    before = field.form.use_required_attribute
    field.form.use_required_attribute = False
    try:
        yield
    finally:
        field.form.use_required_attribute = before


def _control(field: BoundField, width: int = 0, described_by: str = "") -> SafeString:
    """The control itself, `width` characters wide; Django ties hint and error to it, `described_by` overrides that."""
    attributes: dict[str, str | bool] = {"aria-describedby": described_by} if described_by else {}
    if width:
        attributes["class"] = f"{field.field.widget.attrs.get('class', '')} w-{width}".strip()
    with _without_required(field):
        return field.as_widget(attrs=attributes)


def _choices(field: BoundField, hints: Mapping[str, object]) -> list[dict[str, object]]:
    """One entry for each radio or box: its control, its label and, if it has one, its hint."""
    shown = []
    with _without_required(field):
        options = field.subwidgets
    for option in options:
        attributes = option.data["attrs"]
        attributes.pop("aria-invalid", None)  # said once, by the fieldset
        name, hint = (attributes.get("id", ""), hints.get(str(option.data.get("value", "")), ""))
        if hint:
            attributes["aria-describedby"] = f"{name}_hint"
        shown.append(
            {
                "tag": option.tag(),
                "id": name,
                "label": option.choice_label,
                "hint": hint,
                "value": str(option.data["value"]),
                "taken": option.data["selected"],
            }
        )
    return shown


def _folded(choices: list[dict[str, object]], rarer: Rarer | None) -> dict[str, object]:
    """The choices seen at once, and those behind a word that unfolds them; one that is taken stays in sight."""
    hidden = rarer.codes if rarer else frozenset()
    return {
        "choices": [one for one in choices if one["value"] not in hidden or one["taken"]],
        "rarer": [one for one in choices if one["value"] in hidden and not one["taken"]],
        "rarer_words": rarer.words if rarer else "",
    }


@register.inclusion_tag("components/field.html")
def form_field(
    field: BoundField,
    *,
    width: int = 0,
    label: str = "",
    hint: str = "",
    page_heading: bool = False,
    choice_hints: Mapping[str, object] | None = None,
    optional: bool = True,
) -> dict[str, object]:
    """A whole field: label (or legend), hint, error and control, tied together for screen readers."""
    widget = field.field.widget
    many = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    ticked = isinstance(widget, CheckboxInput)
    shown_hint = hint or field.help_text
    parts = [f"{field.auto_id}_helptext"] if shown_hint else []
    parts += [f"{field.auto_id}_error"] if field.errors else []
    described_by = " ".join(parts)
    fieldset = many or widget.use_fieldset
    return {
        "field": field,
        "label": label or field.label,
        "hint": shown_hint,
        "optional": optional and not field.field.required and not ticked,
        "page_heading": page_heading,
        "described_by": described_by,
        "errors": _errors_at(field),
        **_folded(_choices(field, choice_hints or {}) if many else [], getattr(widget, "rarer", None)),
        "ticked": ticked,
        "fieldset": fieldset,
        "widget": "" if many else _control(field, width, "" if fieldset else described_by),
    }


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """Every field of a form in its order: the hidden ones, then each visible one as `form_field` draws it."""
    drawn = [str(field) for field in form.hidden_fields()]
    drawn += [render_to_string("components/field.html", form_field(field)) for field in form.visible_fields()]
    return format_html_join("", "{}", ((part,) for part in drawn))


@register.inclusion_tag("components/cell_field.html")
def cell_field(field: BoundField, width: int = 0) -> dict[str, object]:
    """A control for a cell of a table: the column says the label, so it is repeated for screen readers only."""
    described_by = f"{field.auto_id}_error" if field.errors else ""
    return {"field": field, "errors": _errors_at(field), "widget": _control(field, width, described_by)}


@dataclass(frozen=True)
class ErrorLink:
    """One line of the error summary: the words at the field and the address of the control to mend."""

    text: str
    target: str


def _target(field: BoundField) -> str:
    """The id of the control to mend; of the first one where a field has several, of the page where it has none."""
    if field.is_hidden:
        return "main"
    return field.id_for_label or f"{field.auto_id}_0"


def _errors_of_form(form: BaseForm, line: int = 0) -> Iterator[ErrorLink]:
    """Errors of one form; `line` is its row in a formset, from 1, and nought for a form that stands alone."""
    for error in map(str, form.non_field_errors()):
        yield ErrorLink(_("Line %(line)s: %(error)s") % {"line": line, "error": error} if line else error, "main")
    for field in form:
        for raw, error in zip(map(str, field.errors), _errors_at(field), strict=True):
            placed = {"line": line, "label": field.label, "error": error}
            named = _("Line %(line)s: %(error)s") if _is_bare(raw) else _("Line %(line)s, %(label)s: %(error)s")
            yield ErrorLink(named % placed if line else error, _target(field))


def _errors_of(source: BaseForm | BaseFormSet | Absent) -> Iterator[ErrorLink]:
    if source is None or isinstance(source, str) or not source.is_bound:
        return
    if isinstance(source, BaseFormSet):
        yield from (ErrorLink(str(text), "main") for text in source.non_form_errors())
        for line, form in enumerate(source.forms, start=1):
            yield from _errors_of_form(form, line)
        return
    yield from _errors_of_form(source)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*sources: BaseForm | BaseFormSet | Absent) -> dict[str, object]:
    """“There is a problem”: every error of these forms and formsets as a link to its field; else nothing."""
    return {"errors": [error for source in sources for error in _errors_of(source)]}


_BAR_WIDTH = 1000


def _segments(parts: Iterable[tuple[str, str, Money | Absent]], total: Money) -> list[dict[str, object]]:
    """Each part with its place on a bar of a thousand units; what is not nothing is three wide at least."""
    shown, start = [], 0
    for kind, label, amount in parts:
        if amount is None or isinstance(amount, str):
            continue
        exact = amount.minor * _BAR_WIDTH // total.minor if total.minor > 0 else 0
        width = max(0, min(max(exact, 3 if amount.minor > 0 else 0), _BAR_WIDTH - start))
        shown.append({"kind": kind, "label": label, "amount": amount, "x": start, "width": width})
        start += width
    return shown


@register.inclusion_tag("components/fund_bar.html")
def fund_bar(
    *,
    label: str,
    total: Money,
    free: Money,
    paid: Money | Absent = None,
    reserved: Money | Absent = None,
    this: Money | Absent = None,
) -> dict[str, object]:
    """One stream's money as a bar: paid, reserved, this request, free; each part also stands beside it as a number."""
    parts = [
        ("paid", _("Paid"), paid),
        ("reserved", _("Reserved"), reserved),
        ("this", _("This request"), this),
        ("free", _("Free"), free),
    ]
    return {"label": label, "total": total, "segments": _segments(parts, total), "overdrawn": free.minor < 0}


@register.filter
def is_money(value: object) -> bool:
    """Whether a value of a summary list is an amount and must be written as one."""
    return isinstance(value, Money)


@register.simple_tag
def duty_telephone() -> str:
    """The duty officer's telephone from the settings, for the pages that are shown when nothing else can be asked."""
    return str(getattr(settings, "GAF_DUTY_TELEPHONE", ""))
