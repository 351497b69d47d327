"""How money, numbers, days and hours are written in English, French and Spanish: one table, for pages and for mails.

Neither Django's formats nor Babel's are used: they give all-numeric dates and five spellings of one sum.
The reader's language decides; what is stored never changes.
`money` and `moment` give HTML, `plain_money` and `plain_moment` the same words for mails, titles and buttons.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gaf import clock, figures
from gaf.figures import NARROW, grouped, reading_language
from gaf.money import Money

# How a template passes on what is not there.
Absent = Literal[""] | None

register = template.Library()

FIXED = "\u00a0"  # the ordinary space that does not break
MINUS = "\u2212"
NOTHING = "–"
HEADQUARTERS = "Europe/Zurich"

_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}
_SHORT_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
}

# Zones are named by their city; these cities are not called what the time zone database calls them.
_CITIES = {
    "Europe/Zurich": {"en": "Geneva", "fr": "Genève", "es": "Ginebra"},
    "UTC": {"en": "UTC", "fr": "UTC", "es": "UTC"},
    "Africa/Addis_Ababa": {"fr": "Addis-Abeba", "es": "Adís Abeba"},
    "Africa/Algiers": {"fr": "Alger", "es": "Argel"},
    "Africa/Cairo": {"fr": "Le Caire", "es": "El Cairo"},
    "Africa/Dar_es_Salaam": {"fr": "Dar es Salam", "es": "Dar es Salam"},
    "Africa/Djibouti": {"es": "Yibuti"},
    "Africa/Mogadishu": {"fr": "Mogadiscio", "es": "Mogadiscio"},
    "Africa/Ndjamena": {"en": "N’Djamena", "fr": "N’Djamena", "es": "Yamena"},
    "Africa/Nouakchott": {"es": "Nuakchot"},
    "Africa/Tripoli": {"es": "Trípoli"},
    "Africa/Tunis": {"es": "Túnez"},
    "America/Bogota": {"en": "Bogotá", "fr": "Bogota", "es": "Bogotá"},
    "America/Mexico_City": {"fr": "Mexico", "es": "Ciudad de México"},
    "America/Port-au-Prince": {"es": "Puerto Príncipe"},
    "America/Port_of_Spain": {"en": "Port of Spain", "fr": "Port-d’Espagne", "es": "Puerto España"},
    "Asia/Amman": {"es": "Ammán"},
    "Asia/Almaty": {"es": "Almaty"},
    "Asia/Beirut": {"fr": "Beyrouth"},
    "Asia/Dhaka": {"fr": "Dacca", "es": "Daca"},
    "Asia/Jakarta": {"es": "Yakarta"},
    "Asia/Kathmandu": {"fr": "Katmandou", "es": "Katmandú"},
    "Asia/Kuwait": {"fr": "Koweït"},
    "Asia/Manila": {"fr": "Manille"},
    "Asia/Tashkent": {"fr": "Tachkent", "es": "Taskent"},
    "Europe/Belgrade": {"es": "Belgrado"},
    "Europe/Chisinau": {"en": "Chișinău", "fr": "Chișinău", "es": "Chisináu"},
    "Europe/Warsaw": {"fr": "Varsovie", "es": "Varsovia"},
}

# What is left or past: singular and plural of each unit, and the sentence around it.
_UNITS = {
    "en": {"minute": ("minute", "minutes"), "hour": ("hour", "hours"), "day": ("day", "days")},
    "fr": {"minute": ("minute", "minutes"), "hour": ("heure", "heures"), "day": ("jour", "jours")},
    "es": {"minute": ("minuto", "minutos"), "hour": ("hora", "horas"), "day": ("día", "días")},
}
_LEFT = {"en": ("{} left", "{} left"), "fr": ("encore {}", "encore {}"), "es": ("queda {}", "quedan {}")}
_LATE = {"en": "{} late", "fr": "{} de retard", "es": "{} de retraso"}


@register.simple_tag
def colon() -> str:
    """`{% colon %}`: “:”, and in French “ :”."""
    return figures.colon()


@register.filter
def plain_money(amount: Money | Absent) -> str:
    """“USD 12,500.50” or “12 500,50 USD” as plain text; a dash when there is no amount."""
    if amount is None or isinstance(amount, str):
        return NOTHING
    sign = MINUS if amount.minor < 0 else ""
    digits = grouped(amount.decimal)
    if reading_language() == "en":
        return f"{sign}{amount.currency}{NARROW}{digits}"
    return f"{sign}{digits}{NARROW}{amount.currency}"


@register.simple_tag
def money(amount: Money | Absent, word: str = "") -> SafeString:
    """The amount as `<data>` whose value is in minor units; `word` (“refund”) is read after a negative one."""
    if amount is None or isinstance(amount, str):
        return format_html('<span class="money">{}</span>', NOTHING)
    spoken = f" {word}" if word and amount.minor < 0 else ""
    return format_html('<data value="{}" class="money">{}</data>{}', amount.minor, plain_money(amount), spoken)


@register.simple_tag
def money_at_rate(local: Money, dollars: Money, rate: Decimal) -> SafeString:
    """Both currencies and the rate between them: “SLE 34,650.00 (USD 1,400.00 at 24.75)”."""
    at = {"en": "at", "fr": "à", "es": "a"}[reading_language()]
    return format_html("{} ({} {}{}{})", money(local), money(dollars), at, FIXED, number(rate))


@register.filter
def number(value: Decimal | int | None) -> str:
    """A count, quantity or rate with the language's separators and no more decimals than it has."""
    if value is None or value == "":
        return NOTHING
    exact = Decimal(value)
    plain = exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()
    return (MINUS if plain < 0 else "") + grouped(plain)


@register.filter
def percent(value: Decimal | int | None) -> str:
    """“62 %” with a narrow space in all three languages; the value is already in hundredths."""
    return NOTHING if value is None or value == "" else f"{number(value)}{NARROW}%"


def _as_day(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def _long(value: date) -> str:
    language = reading_language()
    month = _MONTHS[language][value.month - 1]
    if language == "es":
        return f"{value.day} de {month} de {value.year}"
    return f"{_ordinal(value.day)} {month} {value.year}"


def _short(value: date) -> str:
    return f"{_ordinal(value.day)} {_SHORT_MONTHS[reading_language()][value.month - 1]} {value.year}"


def _ordinal(day_of_month: int) -> str:
    """French says “1er” for the first day of a month and plain numbers after."""
    return "1er" if day_of_month == 1 and reading_language() == "fr" else str(day_of_month)


def _hour(value: datetime) -> str:
    return f"{value.hour:02d}{FIXED}h{FIXED}{value.minute:02d}" if reading_language() == "fr" else f"{value:%H:%M}"


@register.filter
def day(value: date | datetime | None) -> str:
    """“22 November 2026”, for sentences."""
    return NOTHING if not value else _long(_as_day(value))


@register.filter
def short_day(value: date | datetime | None) -> str:
    """“22 Nov 2026”, for tables."""
    return NOTHING if not value else _short(_as_day(value))


@register.filter
def month(value: date | None) -> str:
    """“November 2026”, for the months of the books."""
    if not value:
        return NOTHING
    language = reading_language()
    return f"{_MONTHS[language][value.month - 1]} {'de ' if language == 'es' else ''}{value.year}"


@register.filter
def city(zone: str) -> str:
    """The city a zone is named by, in the reader's language: “Europe/Zurich” is Geneva."""
    language = reading_language()
    return _CITIES.get(zone, {}).get(language) or zone.rpartition("/")[2].replace("_", " ")


@register.filter
def plain_moment(value: datetime | None, zone: str | None = None) -> str:
    """“22 Nov 2026, 23:05 Beirut (22:05 Geneva)”; Geneva alone without a zone. The day is repeated where it differs."""
    if not value:
        return NOTHING
    geneva = value.astimezone(ZoneInfo(HEADQUARTERS))
    if not zone or zone == HEADQUARTERS:
        return f"{_short(geneva.date())}, {_hour(geneva)} {city(HEADQUARTERS)}"
    there = value.astimezone(ZoneInfo(zone))
    other_day = "" if there.date() == geneva.date() else f"{_short(geneva.date())}, "
    return f"{_short(there.date())}, {_hour(there)} {city(zone)} ({other_day}{_hour(geneva)} {city(HEADQUARTERS)})"


@register.filter
def moment(value: datetime | None, zone: str | None = None) -> SafeString | str:
    """The same words as `plain_moment` in a `<time>` that carries the moment in UTC."""
    if not value:
        return NOTHING
    exact = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        f"{exact:%Y-%m-%dT%H:%M:%SZ}",
        f"{exact:%Y-%m-%d %H:%M}",
        plain_moment(value, zone),
    )


def _span(length: timedelta) -> tuple[int, str]:
    """The length in the largest unit that gives at least two, or minutes; counted down, never up."""
    minutes = int(length.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return minutes // (24 * 60), "day"
    return (minutes // 60, "hour") if minutes >= 60 else (minutes, "minute")


@register.filter
def time_left(due: datetime | None) -> str:
    """“3 hours left” or “2 days late”, by the one clock; always beside the exact moment, never instead of it."""
    if not due:
        return NOTHING
    language = reading_language()
    remaining = due - clock.now()
    count, unit = _span(abs(remaining))
    one = count == 1 or (count == 0 and language == "fr")
    words = f"{count} {_UNITS[language][unit][0 if one else 1]}"
    if remaining < timedelta(0):
        return _LATE[language].format(words)
    return _LEFT[language][0 if one else 1].format(words)
