"""The controls that forms use most, drawn without templates: Django includes two for each choice of a list.

A browser writes what stands in a form to the disc, to bring it back when it is started again. No control lets it but
those that say themselves what they are for (`autocomplete`); Back still brings the page as it was left, from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

Drawn = Iterator[str]


class Controls(DjangoTemplates):
    """Django's own renderer, which draws lists, lines, boxes and texts itself: the same but for blank lines, and for
    `autocomplete`."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """One control."""
        draw = _DRAWN.get(template_name.removeprefix("django/forms/widgets/"))
        if draw is None:
            return super().render(template_name, context, request)
        return mark_safe("".join(draw(context["widget"])).strip())  # noqa: S308  # each part was escaped


def _words(value: Any) -> str:
    return conditional_escape(str(value) if isinstance(value, Promise) else localize(value))


def _said(value: Any) -> str:
    """A value as an attribute has it: never written as a number of the reader's language."""
    return conditional_escape(value if isinstance(value, str) else str(value))


def _attributes(attrs: dict[str, Any]) -> Drawn:
    for name, value in attrs.items():
        if value is not False:
            yield f" {conditional_escape(name)}"
            if value is not True:
                yield f'="{_said(value)}"'


def _typed(attrs: dict[str, Any]) -> Drawn:
    """The attributes of a control in which words may stand."""
    yield from _attributes({"autocomplete": "off", **attrs})


def _select(widget: dict[str, Any]) -> Drawn:
    yield f'<select name="{_words(widget["name"])}"'
    yield from _typed(widget["attrs"])
    yield ">"
    for group, options, _place in widget["optgroups"]:
        if group:
            yield f'\n<optgroup label="{_words(group)}">'
        for option in options:
            yield f'\n<option value="{_said(option["value"])}"'
            yield from _attributes(option["attrs"])
            yield f">{_words(option['label'])}</option>"
        if group:
            yield "\n</optgroup>"
    yield "\n</select>"


def _input(widget: dict[str, Any]) -> Drawn:
    yield f'<input type="{_words(widget["type"])}" name="{_words(widget["name"])}"'
    if widget["value"] is not None:
        yield f' value="{_said(widget["value"])}"'
    yield from (_attributes if widget["type"] in _WORDLESS else _typed)(widget["attrs"])
    yield ">"


def _choice(widget: dict[str, Any]) -> Drawn:
    """A radio button or box, in its label where Django puts it there."""
    if not widget.get("wrap_label"):
        yield from _input(widget)
        return
    key = widget["attrs"].get("id")
    yield f'<label for="{_words(key)}">' if key else "<label>"
    yield from _input(widget)
    yield f" {_words(widget['label'])}</label>"


def _text(widget: dict[str, Any]) -> Drawn:
    yield f'<textarea name="{_words(widget["name"])}"'
    yield from _typed(widget["attrs"])
    yield ">\n"
    if widget["value"]:
        yield _words(widget["value"])
    yield "</textarea>"


_WORDLESS = {"checkbox", "file", "hidden", "radio"}
_LINES = ("checkbox", "date", "datetime", "email", "file", "hidden", "input", "number", "password", "search", "tel")
_DRAWN: dict[str, Callable[[dict[str, Any]], Drawn]] = {
    **dict.fromkeys([f"{name}.html" for name in (*_LINES, "text", "time", "url")], _input),
    **dict.fromkeys([f"{name}.html" for name in ("input_option", "radio_option", "checkbox_option")], _choice),
    "select.html": _select,
    "textarea.html": _text,
}
