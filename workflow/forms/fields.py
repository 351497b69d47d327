"""Fields the mission's forms share: a day in three boxes, text about a case, amounts, counts and files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from gaf import clock
from gaf.amounts import read_amount
from gaf.leaks import Leak, leaks_in
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.templatetags.formats import number
from workflow.codelists import TYPE_FACTS, AssistanceType, Stage
from workflow.models import LARGEST_DOCUMENT

LANGUAGES_WITH_MONTHS = ("en", "fr", "es")
# No unit of any currency is small enough for a single cost of a request to pass this.
_MOST_MINOR = 10**12
_QUANTITY = re.compile(r"[0-9]{1,6}([.,][0-9]{1,2})?")
_DIGITS = {"inputmode": "numeric"}
_FARTHEST_ZONE = timedelta(hours=14)  # somewhere it is tomorrow already


def plain(text: str) -> str:
    """Lower case, without accents, full stops and spaces around: for comparing words people type."""
    apart = unicodedata.normalize("NFKD", text.strip().lower().rstrip("."))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Names of months in the three languages, whole and short, to their numbers."""
    found: dict[str, int] = {}
    for language in LANGUAGES_WITH_MONTHS:
        for style in ("wide", "abbreviated"):
            for month, name in Locale.parse(language).months["format"][style].items():
                found[plain(name)] = month
    return found


class DayWidget(forms.MultiWidget):
    """Day, month and year in three boxes; the month may be a word."""

    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Each box says aloud what it is for."""
        boxes = [
            forms.TextInput({"class": "w-2", "aria-label": _("Day"), "placeholder": _("DD"), **_DIGITS}),
            forms.TextInput({"class": "w-5", "aria-label": _("Month"), "placeholder": _("MM")}),
            forms.TextInput({"class": "w-3", "aria-label": _("Year"), "placeholder": _("YYYY"), **_DIGITS}),
        ]
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list[str]:
        """The three parts of a day."""
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DayField(forms.MultiValueField):
    """A day written as three parts. `not_later_than_today`: what has happened cannot lie ahead."""

    widget = DayWidget

    def __init__(self, *, not_later_than_today: bool = False, not_before_today: bool = False, **kwargs: Any) -> None:
        """Three boxes that are never asked apart from each other."""
        self.not_later_than_today, self.not_before_today = not_later_than_today, not_before_today
        parts = [forms.CharField(required=False) for _part in range(3)]
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> date | None:
        """The day, or None when nothing was written in a field that may be left out."""
        written = [str(part or "").strip() for part in (value or [])]
        day, month, year = [*written, "", "", ""][:3]
        if not day and not month and not year:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        found = _day(day, month, year)
        if self.not_later_than_today and found > (clock.now() + _FARTHEST_ZONE).date():
            raise ValidationError(_("This day has not come yet."), code="future")
        if self.not_before_today and found < clock.today() - timedelta(days=1):
            raise ValidationError(_("This day has passed."), code="past")
        return found


def _day(day: str, month: str, year: str) -> date:
    if not day or not month or not year:
        raise ValidationError(_("Write day, month and year, such as 22 11 2026."), code="incomplete")
    number = _months().get(plain(month)) or _number(month, 2)
    days, years = _number(day, 2), _number(year, 4)
    if number is None or days is None or years is None or not 1900 <= years <= 2200:
        raise ValidationError(_("Write day, month and year, such as 22 11 2026."), code="day")
    try:
        return date(years, number, days)
    except ValueError:
        raise ValidationError(_("There is no such day in the calendar."), code="day") from None


def _number(text: str, longest: int) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= longest else None


_LOOKS_LIKE = {
    Leak.MAIL: _("an e-mail address"),
    Leak.TELEPHONE: _("a telephone number"),
    Leak.DOCUMENT: _("the number of a document"),
    Leak.NAME: _("a person’s name"),
}


class CaseTextBox(forms.Textarea):
    """A box for text about a case; below a text that was warned about stands what to tick when it is right."""

    seen = ""  # the mark of the text that somebody looked at again and found right
    warned = ""  # the mark of the text that is warned about

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The text, and whether somebody ticked that this very text is right."""
        self.seen = data.get(f"{name}-seen", "")
        return super().value_from_datadict(data, files, name)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The box, with the tick below it after a warning."""
        box = super().render(name, value, attrs, renderer)
        if not self.warned:
            return box
        words = _("It tells nobody who a person is.")
        tick = format_html('<input type="checkbox" name="{0}-seen" value="{1}" id="{0}-seen">', name, self.warned)
        return box + format_html('<div class="choice">{}<label for="{}-seen">{}</label></div>', tick, name, words)


class CaseTextField(forms.CharField):
    """Text about a case. Line ends count as one character, as the person sees them.

    A text that looks as if it told who somebody is comes back once, before it is kept.
    """

    def __init__(self, *, max_length: int, rows: int = 5, **kwargs: Any) -> None:
        """So many characters, in a box of so many rows."""
        kwargs.setdefault("widget", CaseTextBox({"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)

    def clean(self, value: Any) -> str:
        """The text, unless it must be looked at again."""
        text = str(super().clean(value) or "")
        leaks = leaks_in(text)
        mark = sha256(text.encode()).hexdigest()[:16]
        if leaks and isinstance(self.widget, CaseTextBox) and self.widget.seen != mark:
            self.widget.warned = mark
            what = ", ".join(str(words) for leak, words in _LOOKS_LIKE.items() if leak in leaks)
            words = _("This looks like: %(what)s. Take it out, or tick below that it is nobody’s.")
            raise ValidationError(words % {"what": what}, code="leak")
        return text

    def to_python(self, value: Any) -> str:
        """Browsers send two characters for a line end; one is kept."""
        return str(super().to_python(str(value).replace("\r\n", "\n") if value else value))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`: a browser would cut off what is pasted without a word."""
        return {}


class AmountField(forms.CharField):
    """An amount as people write it. Its currency is known by the form, so the form reads it: see `read_money`."""

    def __init__(self, **kwargs: Any) -> None:
        """One box, with a number pad on a phone."""
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)


def read_money(form: forms.Form, name: str, currency: str) -> Money | None:
    """The amount in a field, in this currency. None when it is empty or cannot be read; then the field says why."""
    text = form.cleaned_data.get(name) or ""
    if not text:
        return None
    try:
        money = read_amount(text, currency)
    except Refusal as refusal:
        form.add_error(name, f"{refusal.why} {refusal.next_step}")
        return None
    if money.minor > _MOST_MINOR:
        form.add_error(name, _("This is more than any request can cost."))
        return None
    return money


class QuantityField(forms.CharField):
    """How many units, with up to two decimals; a comma is as good as a point."""

    def __init__(self, *, may_be_nothing: bool = False, **kwargs: Any) -> None:
        """`may_be_nothing`: nought is an answer too."""
        self.may_be_nothing = may_be_nothing
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """The quantity as a Decimal; None when a field that may be left out is empty."""
        text = re.sub(r"\s", "", str(super().clean(value) or ""))
        if not text:
            return None
        if not _QUANTITY.fullmatch(text):
            raise ValidationError(_("Write a number such as 12 or 2.5, at most 999,999.99."), code="quantity")
        quantity = Decimal(text.replace(",", "."))
        if not quantity and not self.may_be_nothing:
            raise ValidationError(_("Write a quantity above nought."), code="quantity")
        return quantity


class CountField(forms.IntegerField):
    """A whole number between two bounds."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        """The bounds belong to what may be written."""
        words = lazily(_("Write a whole number from %(least)s to %(most)s."), least=least, most=most)
        messages = {"invalid": words, "min_value": words, "max_value": words}
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(min_value=least, max_value=most, error_messages=messages, **kwargs)


class UploadField(forms.FileField):
    """A file of at most five megabytes. Its type is told from its bytes when it is stored."""

    default_error_messages = {
        "required": _("Choose a file."),
        "invalid": _("The file did not arrive. Choose it again."),
        "missing": _("The file did not arrive. Choose it again."),
        "empty": _("The file is empty. Choose another."),
    }

    def __init__(self, **kwargs: Any) -> None:
        """Browsers offer what is accepted; the bytes decide."""
        kwargs.setdefault("widget", forms.FileInput({"accept": "application/pdf,image/jpeg,image/png"}))
        super().__init__(**kwargs)

    def to_python(self, data: File | None) -> File | None:
        """The file, if it is not too large; nothing of a larger one is read."""
        upload = super().to_python(data)
        if upload is not None and (upload.size or 0) > LARGEST_DOCUMENT:
            size = Decimal(upload.size or 0) / (1024 * 1024)
            raise ValidationError(
                _("The file has %(size)s MB; at most 5 MB are accepted. Make it smaller, or scan it in grey.")
                % {"size": f"{size:.1f}"},
                code="size",
            )
        return upload


def with_nothing_chosen(choices: Sequence[Any]) -> list[Any]:
    """The choices with an empty one first, so that nothing is chosen by accident."""
    return [("", _("Choose")), *choices]


def grouped_types(codes: Sequence[str] = AssistanceType.values) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Kinds of help under the stage of the journey they belong to."""
    groups: Mapping[str, list[tuple[str, Any]]] = {stage.value: [] for stage in Stage}
    for code in codes:
        groups[TYPE_FACTS[code].stage.value].append((code, AssistanceType(code).label))
    return [(Stage(stage).label, kinds) for stage, kinds in groups.items() if kinds]


def currency_choices(currency: str) -> list[tuple[str, str]]:
    """The mission's currency, and the dollar."""
    return [(code, code) for code in dict.fromkeys([currency, "USD"])]


# ISO 639: languages in which people on the move are spoken to most; `und` is the standard's own “undetermined”.
_SPOKEN_CODES = """
    am ar az bm bn ckb en es fa ff fr ha hi ht hy id ig ka kk km ku ky ln lo mg mn my ne om pa ps pt qu ro ru rw si sn
    so sq sr sw ta tg th ti tk tl tr uk ur uz vi wo yo zh
"""
_SPOKEN = _SPOKEN_CODES.split()
UNDETERMINED = "und"


@lru_cache(maxsize=4)
def _spoken(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(language).languages
    named = [(code, str(names.get(code, code)).capitalize()) for code in _SPOKEN]
    return tuple(sorted(named, key=lambda pair: pair[1]))


def spoken_language_choices() -> list[tuple[str, Any]]:
    """Languages by name in the reader's language; “another or not known” last."""
    return [*_spoken((get_language() or "en")[:2]), (UNDETERMINED, _("Another, or not known"))]


def _up_to(count: int) -> str:
    words = ngettext("Up to %(count)s character.", "Up to %(count)s characters.", count)
    return words % {"count": number(count)}


def characters(count: int) -> Any:
    """“Up to 1,500 characters”, as a hint, in the language of the page that shows it."""
    return lazy(_up_to, str)(count)


def lazily(text: Any, **values: Any) -> Any:
    """A text with its values, put together in the language of the page that shows it: for what stands in a class."""
    return lazy(lambda: str(text) % {name: str(value) for name, value in values.items()}, str)()
