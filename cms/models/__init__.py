"""The pages. None of them holds anything about a case."""

from __future__ import annotations

from cms.models.criteria import CriteriaPage
from cms.models.figures import FiguresPage
from cms.models.guidance import FormPart, GuidanceIndexPage, GuidancePage
from cms.models.home import HomePage
from cms.models.readings import CriterionTranslation, SecondReading

__all__ = [
    "CriteriaPage",
    "CriterionTranslation",
    "FiguresPage",
    "FormPart",
    "GuidanceIndexPage",
    "GuidancePage",
    "HomePage",
    "SecondReading",
]
