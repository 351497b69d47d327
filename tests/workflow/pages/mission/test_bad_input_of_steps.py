"""What is wrong in a step comes back on the same page as it was typed, and nothing is changed."""

from __future__ import annotations

import pytest

from tests import stories
from tests.cast import mission
from tests.workflow.pages.mission.browsing import day, fill, forms_of, send, signed_in, url_of, words
from workflow.actions import intake, planning
from workflow.actions.drafting import UrgencyText, edit_help
from workflow.actions.planning import edit_lines, edit_plan
from workflow.models import AlternativeCheck, Consent, HelpAsked, Person

pytestmark = pytest.mark.usefixtures("house")


def kept() -> object:
    """Everything a step may change."""
    tables = (Person, Consent, AlternativeCheck, HelpAsked)
    return stories.everything(), [list(table.objects.order_by("pk").values()) for table in tables]


CONSENT = {"consent-mode": "WRITTEN", "consent-consent_language": "fr", "consent-purposes": ["ASSISTANCE"]}
PERSON = {"persons-0-sex": "F", "persons-0-age_band": "25-39", "persons-0-nationality": "NG"}
TRIED = {"tried-0-programme": "A programme", "tried-0-answer": "NO_FUNDS", **day("tried-0-asked_on", "12 10 2026")}
HELP = {"help-0-assistance_type": "SHEL", "help-0-rough_cost": "100", "help-0-currency": "XOF"}

WRONG = [
    ("person", {**PERSON, "persons-0-sex": ""}, "Line 1: Answer “Sex”."),
    ("person", {**PERSON, "persons-0-sex": "Q"}, "Line 1, Sex: Select a valid choice."),
    ("person", {**PERSON, "persons-0-age_band": "200"}, "Line 1, Age: Select a valid choice."),
    ("person", {**PERSON, "persons-0-nationality": "ZZ"}, "Line 1, Nationality: Select a valid choice."),
    ("person", {**PERSON, "persons-0-key": "PER-OTHERONE"}, "is not part of this request any more"),
    ("person", {"persons-TOTAL_FORMS": "4000"}, "submit at most 60 forms"),
    ("person", {"persons-TOTAL_FORMS": "NaN"}, "ManagementForm data is missing"),
    ("person", {"other_missions": ["999999"]}, "Select a valid choice."),
    ("person", CONSENT, "Write the day on which they agreed."),
    ("person", {**CONSENT, **day("consent-given_on", "31 2 2026")}, "no such day in the calendar"),
    ("person", {**CONSENT, **day("consent-given_on", "12 10")}, "Write day, month and year"),
    ("person", {**CONSENT, **day("consent-given_on", "-1 10 2026")}, "Write day, month and year"),
    ("person", {**CONSENT, **day("consent-given_on", "NaN 10 2026")}, "Write day, month and year"),
    ("person", {**CONSENT, **day("consent-given_on", "12 10 2027")}, "This day has not come yet."),
    (
        "person",
        {**CONSENT, **day("consent-given_on", "12 10 2026"), "consent-consent_language": ""},
        "Choose the language in which they agreed.",
    ),
    (
        "person",
        {**CONSENT, **day("consent-given_on", "12 10 2026"), "consent-purposes": ["REFERRAL"]},
        "Getting help needs their agreement",
    ),
    ("person", {"consent-mode": "EXCEPTION"}, "Write why it was not possible yet."),
    ("person", {"consent-mode": "EXCEPTION", "consent-exception_reason": "x" * 1001}, "at most 1000 characters"),
    ("person", {"consent-exception_reason": "She is unconscious."}, "Choose how they agreed."),
    ("situation", {"situation": "x" * 1501}, "at most 1500 characters (it has 1501)"),
    ("situation", {"situation": "nul \x00 nul"}, "Null characters are not allowed."),
    ("situation", {"categories": ["NOSUCH"]}, "Select a valid choice."),
    ("situation", {"primary": "IRREG"}, "Select a valid choice."),
    ("situation", {"tags": ["NOSUCH"]}, "Select a valid choice."),
    ("situation", {**TRIED, "tried-0-programme": ""}, "Line 1: Answer “Programme”."),
    ("situation", {**TRIED, "tried-0-programme": "x" * 201}, "at most 200 characters"),
    ("situation", {**TRIED, "tried-0-answer": "NONE_EXISTS"}, "Select a valid choice."),
    ("situation", {**TRIED, **day("tried-0-asked_on", "  ")}, "Line 1: Answer “When was it asked?”."),
    ("situation", {**TRIED, **day("tried-0-asked_on", "1 1 2027")}, "This day has not come yet."),
    ("situation", {**TRIED, "none_exists": "Nobody is there."}, "Leave one of the two out."),
    ("situation", {"none_exists": "x" * 501}, "at most 500 characters"),
    ("help", {**HELP, "help-0-assistance_type": "GOLD"}, "Select a valid choice."),
    ("help", {**HELP, "help-0-rough_cost": ""}, "Line 1: Answer “Rough cost”."),
    ("help", {**HELP, "help-0-rough_cost": "NaN"}, "It is not a plain number."),
    ("help", {**HELP, "help-0-rough_cost": "-5"}, "It is below nought."),
    ("help", {**HELP, "help-0-rough_cost": "10.50"}, "XOF has 0 decimals"),
    ("help", {**HELP, "help-0-rough_cost": "1" * 14}, "more than any request can cost"),
    ("help", {**HELP, "help-0-currency": "KWD"}, "Select a valid choice."),
    ("help", {"priority": "P9"}, "Select a valid choice."),
    ("help", {"priority": ""}, "Answer “How soon is a decision needed?”."),
    ("help", day("needed_until", "31 4 2026"), "no such day in the calendar"),
]


class TestAStep:
    @pytest.mark.parametrize(("name", "said", "why"), WRONG)
    def test_comes_back_with_the_reason_and_what_was_typed(self, name, said, why):
        made, amina = stories.an_empty_draft(), signed_in("Amina")
        before = kept()
        answer = fill(amina, url_of(made, f"edit/{name}/"), said)
        assert answer.status_code == 422
        assert "There is a problem" in words(answer)
        assert answer.content.decode().count("<title>Error:") == 1
        assert why in words(answer)
        assert kept() == before

    def test_keeps_the_typed_text_when_something_else_is_wrong(self):
        made, amina = stories.an_empty_draft(), signed_in("Amina")
        said = {"situation": "Three nights outside <b>in the rain</b>.", **TRIED, "tried-0-answer": ""}
        answer = fill(amina, url_of(made, "edit/situation/"), said)
        fields = forms_of(answer)[-1][1]
        assert fields["situation"] == ["Three nights outside <b>in the rain</b>."]
        assert fields["tried-0-programme"] == ["A programme"]
        assert b"<b>in the rain" not in answer.content

    def test_names_a_kind_of_help_that_comes_twice(self):
        made, amina = stories.an_empty_draft(), signed_in("Amina")
        page = fill(amina, url_of(made, "edit/help/"), HELP, add="help")
        again = {name.replace("-0-", "-1-"): value for name, value in HELP.items()}
        answer = send(amina, page, again)
        assert answer.status_code == 422
        assert "Line 2, Kind of help: This kind of help stands in another line already." in words(answer)
        assert HelpAsked.objects.count() == 0

    def test_adding_a_row_keeps_what_is_typed_and_judges_nothing(self):
        made, amina = stories.an_empty_draft(), signed_in("Amina")
        before = kept()
        said = {"persons-0-sex": "F", "consent-mode": "EXCEPTION"}
        page = fill(amina, url_of(made, "edit/person/"), said, add="persons")
        assert page.status_code == 200
        assert "There is a problem" not in words(page)
        fields = forms_of(page)[-1][1]
        assert (fields["persons-TOTAL_FORMS"], fields["persons-0-sex"]) == (["2"], ["F"])
        assert kept() == before

    @pytest.mark.parametrize("button", ["persons-99", "persons-x", "nothing-0", ""])
    def test_removing_a_row_that_is_not_there_does_no_harm(self, button):
        made, amina = stories.a_draft(), signed_in("Amina")
        before = kept()
        answer = fill(amina, url_of(made, "edit/person/"), {"remove": button})
        assert answer.status_code in (200, 302)
        assert kept() == before

    def test_a_person_of_another_request_stays_there(self):
        mine, theirs = stories.an_empty_draft(), stories.a_draft("Sofía", "MX")
        key = theirs.persons.get().key
        before = kept()
        answer = fill(signed_in("Amina"), url_of(mine, "edit/person/"), {**PERSON, "persons-0-key": key})
        assert answer.status_code == 422
        assert kept() == before

    @pytest.mark.parametrize("name", ["person", "situation", "help"])
    def test_from_a_stale_page_is_answered_with_how_it_is_now_and_the_text(self, name):
        made, amina = stories.a_draft(), signed_in("Amina")
        page = amina.get(url_of(made, f"edit/{name}/"))
        edit_help(request_id=made.pk, urgency=UrgencyText("P4"), **stories.by("Amina"))
        before = kept()
        said = {
            "person": {"persons-0-nationality": "GN"},
            "situation": {"situation": "A text that took ten minutes to write."},
            "help": {"priority": "P1"},
        }[name]
        answer = send(amina, page, said)
        assert answer.status_code == 409
        assert "It has moved on since you opened it" in words(answer)
        assert ("ten minutes to write" in words(answer)) == (name == "situation")
        assert kept() == before

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
    def test_without_the_version_seen_changes_nothing(self, version):
        made, amina = stories.a_draft(), signed_in("Amina")
        before = kept()
        answer = fill(amina, url_of(made, "edit/situation/"), {"situation": "New.", "seen_version": version})
        assert answer.status_code in (409, 422)
        assert kept() == before

    def test_goes_nowhere_but_to_our_own_pages(self):
        made, amina = stories.a_draft(), signed_in("Amina")
        answer = fill(amina, url_of(made, "edit/situation/"), {"then": "//evil.example/"})
        assert answer.url == url_of(made, "edit/help/")

    def test_is_closed_once_the_request_is_sent(self):
        made, amina = stories.a_draft(), signed_in("Amina")
        page = amina.get(url_of(made, "edit/situation/"))
        intake.submit(request_id=made.pk, **stories.by("Amina"))
        before = kept()
        assert amina.get(url_of(made, "edit/situation/")).status_code == 409
        assert send(amina, page, {"situation": "Later."}).status_code == 409
        assert kept() == before

    def test_keeps_a_mission_that_has_budget_lines(self):
        made = stories.an_eligible_request(others=["MX"])
        line = stories.line_text(made, stories.SHELTER, "MX")
        edit_lines(request_id=made.pk, lines=[line], **stories.by("Sofía"))
        edit_plan(request_id=made.pk, plan="Shelter.", **stories.by("Amina"))
        planning.send_budget(request_id=made.pk, **stories.by("Amina"))
        stories.ask(made, "Chen", "PERSONS")
        answer = fill(signed_in("Amina"), url_of(made, "edit/person/"), {"other_missions": None})
        assert answer.status_code == 422
        assert f"{mission('MX')} has budget lines" in words(answer)
