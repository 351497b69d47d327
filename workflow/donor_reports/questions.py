"""The questions of the harmonised report: eight that every report answers, and those of which up to three are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_ADDED = 3
LONGEST_ANSWER = 4000


@dataclass(frozen=True)
class CoreQuestion:
    """One of the eight: the column its answer stands in, its heading, and what belongs there."""

    name: str
    label: Any
    hint: Any


CORE = (
    CoreQuestion(
        "performance",
        _("Overall performance"),
        _("What the money made possible in these days, and how far that is what was planned."),
    ),
    CoreQuestion(
        "changes",
        _("Changes and amendments"),
        _("What was done otherwise than agreed, why, and whether the donor was asked."),
    ),
    CoreQuestion(
        "results",
        _("Measuring results"),
        _("How results were measured and checked, and where the measuring itself fell short."),
    ),
    CoreQuestion(
        "affected",
        _("Affected persons"),
        _("Which groups were helped and how they were found. Write no numbers: published tables stand beside it."),
    ),
    CoreQuestion(
        "participation",
        _("Participation and accountability"),
        _("How people had a say in the help they got, how they could complain, and what came of it."),
    ),
    CoreQuestion(
        "risks",
        _("Risk management"),
        _("Which risks became real, what was done about them, and which are new."),
    ),
    CoreQuestion(
        "ending",
        _("Exit strategy and sustainability"),
        _("What goes on after the money ends, who carries it on, and what does not."),
    ),
    CoreQuestion(
        "lessons",
        _("Lessons learned"),
        _("What would be done in the same way again, what would not, and what has changed already."),
    ),
)


class AddedTopic(models.TextChoices):
    """What a report may say in addition, where the agreement asks for it."""

    VALUE = "VALUE", _("Value for money")
    VISIBILITY = "VISIBILITY", _("Visibility of the donor")
    COORDINATION = "COORDINATION", _("Coordination with others")
    PARTNERS = "PARTNERS", _("Implementing partners")
    STEPS = "STEPS", _("Steps towards carrying it out")
    ENVIRONMENT = "ENVIRONMENT", _("Environment")
