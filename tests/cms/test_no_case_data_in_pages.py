"""No model of Wagtail, and no page of ours, can point at a case."""

from __future__ import annotations

from django.apps import apps
from wagtail.models import DraftStateMixin, ReferenceIndex, RevisionMixin, WorkflowMixin
from wagtail.search.index import get_indexed_models
from wagtail.snippets.models import get_snippet_models

from gaf.accounts.models import User

OUR_RECORDS = {"workflow", "finance", "decisions", "vault", "outbox", "gaf"}


def pages_and_wagtail() -> list:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith(("wagtail.", "cms.", "taggit."))
    ]


def case_models() -> list:
    return [model for model in apps.get_models() if model._meta.app_label in OUR_RECORDS]


class TestAWagtailModel:
    def test_is_among_those_looked_at(self) -> None:
        labels = {model._meta.label for model in pages_and_wagtail()}
        assert {"cms.CriteriaPage", "cms.GuidancePage", "wagtailcore.Page", "wagtailcore.Revision"} <= labels

    def test_points_at_no_record_of_ours_but_people(self) -> None:
        pointing = {
            (model._meta.label, field.related_model._meta.label)
            for model in pages_and_wagtail()
            for field in model._meta.get_fields()
            if field.is_relation
            and not field.auto_created
            and field.related_model is not None
            and field.related_model._meta.app_label in OUR_RECORDS | {"accounts"}
            and field.related_model is not User
        }
        assert pointing == set()


class TestARecordOfACase:
    def test_is_among_those_looked_at(self) -> None:
        labels = {model._meta.label for model in case_models()}
        assert {"workflow.AssistanceRequest", "workflow.Person", "decisions.Decision"} <= labels

    def test_has_no_revisions_drafts_or_moderation_in_wagtail(self) -> None:
        mixed = (RevisionMixin, DraftStateMixin, WorkflowMixin)
        assert [model._meta.label for model in case_models() if issubclass(model, mixed)] == []

    def test_is_in_no_index_of_wagtail_and_no_snippet(self) -> None:
        indexed = set(get_indexed_models()) | set(ReferenceIndex.tracked_models) | set(get_snippet_models())
        assert [model._meta.label for model in case_models() if model in indexed] == []
