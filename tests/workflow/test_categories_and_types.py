"""Every category a person may be in and every kind of help is there, in three languages, and can be used."""

from __future__ import annotations

import pytest
from django.utils import translation

from tests import stories
from tests.crises import a_window_that_is_open
from tests.stories import an_eligible_request, lines_of, plan
from tests.stories_asking import WOMAN
from tests.workflow.protection.test_gates import GIRL
from workflow.actions.drafting import CategoryText, edit_situation
from workflow.codelists import (
    CRISIS_CATEGORIES,
    NEVER_PRIMARY,
    PRIMARY_CATEGORIES,
    TYPE_FACTS,
    AssistanceType,
    MigrantCategory,
    ProfileTag,
)
from workflow.models import ReferralKind

pytestmark = pytest.mark.usefixtures("house")
LISTED = (MigrantCategory, ProfileTag, AssistanceType, ReferralKind)


@pytest.mark.parametrize("category", PRIMARY_CATEGORIES)
def test_a_request_is_sent_for_each_category(category):
    if category in CRISIS_CATEGORIES:
        a_window_that_is_open()
    persons = [GIRL] if category in ("UAC", "SC") else [WOMAN]

    made = stories.a_submitted_request(primary=category, persons=persons)

    assert (made.state, made.primary_category) == ("SUBMITTED", category)


def test_a_status_accompanies_a_category_and_is_never_one_by_itself():
    made = stories.a_draft()
    with_them = CategoryText("STRANDED", tuple(NEVER_PRIMARY), tuple(ProfileTag.values))

    edit_situation(request_id=made.pk, categories=with_them, **stories.by("Amina"))

    kept = stories.now(made)
    assert (set(kept.other_categories), set(kept.profile_tags)) == (set(NEVER_PRIMARY), set(ProfileTag.values))
    assert set(NEVER_PRIMARY) & set(PRIMARY_CATEGORIES) == set()


def test_a_budget_pays_for_each_kind_of_help_in_its_own_unit():
    rows = [(kind, "As planned", facts.unit, "1", "10.00", "USD") for kind, facts in TYPE_FACTS.items()]

    made = plan(an_eligible_request(), rows)

    assert [line.assistance_type for line in lines_of(made)] == AssistanceType.values


@pytest.mark.parametrize(
    "listed", [MigrantCategory, ProfileTag, AssistanceType, ReferralKind], ids=lambda one: one.__name__
)
def test_each_is_said_in_three_languages(listed):
    said = {}
    for language in ("en", "fr", "es"):
        with translation.override(language):
            said[language] = [str(label) for _code, label in listed.choices]

    the_same = [words for words in zip(*said.values(), strict=True) if len(set(words)) == 1]
    assert [words for words in the_same if words[0] != "LGBTIQ+"] == []
