"""Choices that are rarely taken stand behind a word that unfolds them, so that there is less to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.forms.widgets import ChoiceWidget
from django.utils.functional import Promise

W = TypeVar("W", bound=ChoiceWidget)


@dataclass(frozen=True)
class Rarer:
    """The codes that fold away, and the words that unfold them."""

    codes: frozenset[str]
    words: str | Promise


def folding(widget: W, words: str | Promise, *codes: str) -> W:
    """The same radio buttons or boxes, of which some fold away; one that is taken stays in sight."""
    widget.rarer = Rarer(frozenset(codes), words)  # type: ignore[attr-defined]
    return widget
