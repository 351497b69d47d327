"""Counts the persons that were helped in a span of days, by what a table may tell of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from django.db.models import Min, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import MissionRegion, Region
from gaf.decisions.models import Decision
from workflow.codelists import CHILD_BANDS, Disability, MigrantCategory, Sex
from workflow.models import Person

NOT_KNOWN = "?"
CHILD, ADULT = "child", "adult"
# What a table may be made by, in this order. Country, nationality and exploitation never meet in one, so none is here.
DIMENSIONS: dict[str, Promise | str] = {
    "region": _("Region"),
    "category": _("Category"),
    "sex": _("Sex"),
    "age": _("Age"),
    "disability": _("Disability"),
}

_CODES: dict[str, type[TextChoices]] = {"category": MigrantCategory, "sex": Sex, "disability": Disability}


def persons_helped(first_day: date, last_day: date, dimensions: Sequence[str]) -> dict[tuple[str, ...], int]:
    """How many persons were helped to the end, by place: each in the span in which the request was closed first."""
    closed = Decision.objects.filter(act="close").values("subject").annotate(first=Min("at"))
    in_span = [row["subject"] for row in closed if first_day <= row["first"].date() <= last_day]
    persons = Person.objects.filter(assistance__reference__in=in_span, left_code="").select_related("assistance")
    region_of = dict(
        MissionRegion.objects.filter(valid_from__lte=last_day)
        .order_by("valid_from")
        .values_list("mission_id", "region__code")
    )
    values: dict[str, Callable[[Person], str]] = {
        "region": lambda one: region_of.get(one.assistance.mission_id, NOT_KNOWN),
        "category": lambda one: one.assistance.primary_category,
        "sex": lambda one: one.sex,
        "age": lambda one: CHILD if one.age_band in CHILD_BANDS else ADULT,
        "disability": lambda one: one.disability,
    }
    return dict(Counter(tuple(values[name](one) for name in dimensions) for one in persons))


def label(dimension: str, value: str) -> str:
    """A value of a dimension in words, in the reader's language."""
    if value == NOT_KNOWN:
        return str(_("not known"))
    if dimension == "age":
        return str(_("Children") if value == CHILD else _("Adults"))
    if dimension == "region":
        return Region.objects.filter(code=value).order_by("-valid_from").values_list("name", flat=True).first() or value
    return str(_CODES[dimension](value).label)
