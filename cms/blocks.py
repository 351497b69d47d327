"""The few kinds of parts a guidance page is made of, and the structure of one criterion."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from workflow.codelists import Section

# Nothing heavy, nothing from outside: no images, no embeds, no headings of its own.
WORDS = ["bold", "italic", "link"]


class Weight(models.TextChoices):
    """How strongly a callout speaks."""

    NOTE = "note", _("To know")
    WARNING = "warning", _("Take care")


class CalloutBlock(blocks.StructBlock):
    """One thing nobody may miss."""

    weight = blocks.ChoiceBlock(choices=Weight.choices, default=Weight.NOTE, label=_("Weight"))
    text = blocks.TextBlock(label=_("Text"))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "cms/blocks/callout.html"


class TermBlock(blocks.StructBlock):
    """A term and what is said about it."""

    term = blocks.CharBlock(label=_("Term"), max_length=120)
    text = blocks.TextBlock(label=_("Text"))

    class Meta:
        label = _("Term")


class GuidanceBody(blocks.StreamBlock):
    """Everything a guidance page may hold."""

    heading = blocks.CharBlock(label=_("Heading"), icon="title", max_length=120)
    paragraph = blocks.RichTextBlock(label=_("Paragraph"), features=WORDS)
    points = blocks.ListBlock(
        blocks.TextBlock(label=_("Point")), label=_("List"), icon="list-ul", template="cms/blocks/points.html"
    )
    steps = blocks.ListBlock(
        blocks.TextBlock(label=_("Step")), label=_("Steps"), icon="list-ol", template="cms/blocks/steps.html"
    )
    terms = blocks.ListBlock(TermBlock(), label=_("Terms"), icon="table", template="cms/blocks/terms.html")
    callout = CalloutBlock()
    source = blocks.CharBlock(
        label=_("Source"),
        icon="link",
        max_length=250,
        help_text=_("Where this comes from, in our own words. Text of other organisations is never copied here."),
    )

    class Meta:
        required = False


def passages() -> list[tuple[str, str]]:
    """The parts of a request that can answer a criterion."""
    return [(str(code), str(label)) for code, label in Section.choices]


class CriterionBlock(blocks.StructBlock):
    """One question the reviewer answers with yes or no."""

    code = blocks.RegexBlock(
        regex=r"^[a-z][a-z0-9_]{1,19}$",
        label=_("Code"),
        error_messages={"invalid": _("Write 2 to 20 small letters, digits or underscores, beginning with a letter.")},
        help_text=_("Keep it when only the words change; it ties the same criterion together across versions."),
    )
    question = blocks.CharBlock(label=_("Question"), max_length=300, help_text=_("It can be answered with yes or no."))
    guidance = blocks.TextBlock(label=_("What we look at"))
    passes = blocks.ListBlock(blocks.CharBlock(max_length=250), label=_("Examples that pass"), default=[])
    fails = blocks.ListBlock(blocks.CharBlock(max_length=250), label=_("Examples that do not pass"), default=[])
    passage = blocks.ChoiceBlock(
        choices=passages,
        label=_("Part of the request"),
        help_text=_("Where the answer is; the reviewer sees that part beside the question."),
    )
    may_be_irrelevant = blocks.BooleanBlock(
        required=False,
        label=_("May be not relevant"),
        help_text=_("The reviewer may answer “not relevant”, for instance where no child is concerned."),
    )

    class Meta:
        icon = "tick-inverse"
        label = _("Criterion")


class CriteriaBlock(blocks.StreamBlock):
    """The criteria in their order. A code stands once."""

    criterion = CriterionBlock()

    class Meta:
        required = True

    def clean(self, value: Any) -> Any:
        """The cleaned criteria. Raises StreamBlockValidationError beside each criterion whose code stands twice."""
        cleaned = super().clean(value)
        times = Counter(child.value["code"] for child in cleaned)
        twice = {
            index: blocks.StructBlockValidationError(
                {"code": ValidationError(_("This code stands twice. Each criterion needs a code of its own."))}
            )
            for index, child in enumerate(cleaned)
            if child.value["code"] and times[child.value["code"]] > 1
        }
        if twice:
            raise blocks.StreamBlockValidationError(block_errors=twice)
        return cleaned
