"""How money, numbers, days and hours are written in the three languages, as one table each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from gaf import clock
from gaf.money import Money
from gaf.templatetags import components, formats, state_words

BEIRUT = "Asia/Beirut"
EVENING = datetime(2026, 11, 22, 21, 5, tzinfo=UTC)
LATE_EVENING = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


def visible(text: str) -> str:
    """The text with its two kinds of fixed space written as ordinary ones, so that a table can be read."""
    return str(text).replace(formats.NARROW, " ").replace(formats.FIXED, " ")


def rendered(source: str, **values: object) -> str:
    return Template("{% load formats components %}" + source).render(Context(values))


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "english", "french", "spanish"),
        [
            (Money(1250050, "USD"), "USD 12,500.50", "12 500,50 USD", "12 500,50 USD"),
            (Money(875000, "XOF"), "XOF 875,000", "875 000 XOF", "875 000 XOF"),
            (Money(306125, "KWD"), "KWD 306.125", "306,125 KWD", "306,125 KWD"),
            (Money(-45000, "USD"), "−USD 450.00", "−450,00 USD", "−450,00 USD"),
            (Money(0, "EUR"), "EUR 0.00", "0,00 EUR", "0,00 EUR"),
            (Money(100000000000, "UGX"), "UGX 100,000,000,000", "100 000 000 000 UGX", "100 000 000 000 UGX"),
        ],
    )
    def test_is_written_with_its_code(self, amount: Money, english: str, french: str, spanish: str) -> None:
        for language, expected in (("en", english), ("fr", french), ("es-mx", spanish)):
            with translation.override(language):
                assert visible(formats.plain_money(amount)) == expected

    def test_never_breaks_over_a_line(self) -> None:
        with translation.override("fr"):
            assert formats.plain_money(Money(1250050, "USD")) == "12\u202f500,50\u202fUSD"

    def test_carries_its_minor_units(self) -> None:
        assert formats.money(Money(1250050, "USD")) == '<data value="1250050" class="money">USD\u202f12,500.50</data>'

    def test_says_refund_after_a_negative_amount_only(self) -> None:
        assert formats.money(Money(-45000, "USD"), "refund").endswith("</data> refund")
        assert formats.money(Money(45000, "USD"), "refund").endswith("</data>")

    def test_is_a_dash_when_there_is_none(self) -> None:
        assert formats.plain_money(None) == "–"
        assert formats.money(None) == '<span class="money">–</span>'

    def test_shows_both_currencies_and_the_rate_between(self) -> None:
        shown = formats.money_at_rate(Money(3465000, "SLE"), Money(140000, "USD"), Decimal("24.7500"))
        assert ">SLE 34,650.00</data> (<data " in visible(shown)
        assert visible(shown).endswith(">USD 1,400.00</data> at 24.75)")


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "english", "french"),
        [
            (1500, "1,500", "1 500"),
            (Decimal("24.7500"), "24.75", "24,75"),
            (Decimal(100), "100", "100"),
            (Decimal("1E+3"), "1,000", "1 000"),
            (-3, "−3", "−3"),
        ],
    )
    def test_have_no_more_decimals_than_they_need(self, value: Decimal, english: str, french: str) -> None:
        assert formats.number(value) == english
        with translation.override("fr"):
            assert visible(formats.number(value)) == french

    def test_of_a_hundred_stand_apart_from_their_sign(self) -> None:
        assert formats.percent(62) == "62\u202f%"


class TestDays:
    @pytest.mark.parametrize(
        ("language", "long", "short"),
        [
            ("en", "22 November 2026", "22 Nov 2026"),
            ("fr", "22 novembre 2026", "22 nov. 2026"),
            ("es", "22 de noviembre de 2026", "22 nov 2026"),
            ("de", "22 November 2026", "22 Nov 2026"),
        ],
    )
    def test_are_never_numbers_only(self, language: str, long: str, short: str) -> None:
        with translation.override(language):
            assert formats.day(date(2026, 11, 22)) == long
            assert formats.short_day(date(2026, 11, 22)) == short

    @pytest.mark.parametrize(
        ("language", "said"), [("en", "November 2026"), ("fr", "novembre 2026"), ("es", "noviembre de 2026")]
    )
    def test_of_a_month_of_the_books_are_its_name_and_year(self, language: str, said: str) -> None:
        with translation.override(language):
            assert (formats.month(date(2026, 11, 1)), formats.month(None)) == (said, "–")

    def test_begin_a_french_month_with_premier(self) -> None:
        with translation.override("fr"):
            assert formats.day(date(2026, 8, 1)) == "1er août 2026"

    def test_are_a_dash_when_there_is_none(self) -> None:
        assert formats.day(None) == "–"


class TestMoments:
    @pytest.mark.parametrize(
        ("language", "expected"),
        [
            ("en", "22 Nov 2026, 23:05 Beirut (22:05 Geneva)"),
            ("fr", "22 nov. 2026, 23 h 05 Beyrouth (22 h 05 Genève)"),
            ("es", "22 nov 2026, 23:05 Beirut (22:05 Ginebra)"),
        ],
    )
    def test_name_both_places(self, language: str, expected: str) -> None:
        with translation.override(language):
            assert visible(formats.plain_moment(EVENING, BEIRUT)) == expected

    def test_repeat_the_day_where_it_differs(self) -> None:
        assert formats.plain_moment(LATE_EVENING, BEIRUT) == "23 Nov 2026, 00:30 Beirut (22 Nov 2026, 23:30 Geneva)"

    def test_without_a_mission_are_told_in_geneva(self) -> None:
        assert formats.plain_moment(EVENING) == "22 Nov 2026, 22:05 Geneva"

    def test_follow_summer_time(self) -> None:
        assert formats.plain_moment(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "1 Jul 2026, 14:00 Geneva"

    def test_carry_the_hour_in_universal_time(self) -> None:
        opening = '<time datetime="2026-11-22T21:05:00Z" title="2026-11-22 21:05 UTC">22 Nov 2026, 23:05 Beirut'
        assert str(formats.moment(EVENING, BEIRUT)).startswith(opening)

    def test_name_a_city_by_its_zone_when_nothing_else_is_known(self) -> None:
        assert formats.city("Africa/Dar_es_Salaam") == "Dar es Salaam"


class TestTimeLeft:
    @pytest.mark.parametrize(
        ("away", "english", "french", "spanish"),
        [
            (timedelta(hours=3, minutes=20), "3 hours left", "encore 3 heures", "quedan 3 horas"),
            (timedelta(hours=1), "1 hour left", "encore 1 heure", "queda 1 hora"),
            (timedelta(hours=47), "47 hours left", "encore 47 heures", "quedan 47 horas"),
            (timedelta(minutes=5), "5 minutes left", "encore 5 minutes", "quedan 5 minutos"),
            (timedelta(days=-2), "2 days late", "2 jours de retard", "2 días de retraso"),
        ],
    )
    def test_is_told_from_the_one_clock(self, away: timedelta, english: str, french: str, spanish: str) -> None:
        with clock.at(EVENING):
            for language, expected in (("en", english), ("fr", french), ("es", spanish)):
                with translation.override(language):
                    assert formats.time_left(EVENING + away) == expected


class TestStates:
    def test_are_work_for_one_side_and_waiting_for_the_other(self) -> None:
        assert components.state_tag("CLARIFICATION", "mission") == (
            '<span class="tag amber"><i class="shape triangle" aria-hidden="true"></i>Answer needed from you</span>'
        )
        assert components.state_tag("CLARIFICATION", "hq") == (
            '<span class="tag blue"><i class="shape half" aria-hidden="true"></i>Waiting for the mission</span>'
        )

    def test_take_a_name_where_they_have_a_place_for_it(self) -> None:
        assert "Being checked by Bruno<" in components.state_tag("ELIGIBILITY_REVIEW", "hq", "Bruno")
        assert "Being checked by &lt;b&gt;<" in components.state_tag("ELIGIBILITY_REVIEW", "hq", "<b>")

    def test_are_said_in_the_language_of_each_reader(self) -> None:
        said = []
        for language in ("en", "fr", "en"):
            with translation.override(language):
                said.append((components.state_tag("DRAFT", "mission"), components.priority_tag("P1")))
        assert said[0] == said[2]
        assert said[0][0] != said[1][0]
        assert said[0][1] != said[1][1]

    def test_of_other_records_keep_their_own_words(self) -> None:
        assert ">Confirmed<" in components.state_tag("CONFIRMED", "hq", of="disbursement")
        assert ">Confirmed by call-back<" in components.state_tag("CONFIRMED", "hq", of="payee")

    def test_all_have_words_for_both_sides_and_a_known_colour(self) -> None:
        for states in state_words.KNOWN.values():
            for sides in states.values():
                assert set(sides) == {"mission", "hq"}
                assert {words.family for words in sides.values()} <= set(state_words.FAMILIES)

    def test_of_every_disbursement_line_file_and_payee_have_words(self) -> None:
        from finance import states

        assert set(state_words.DISBURSEMENT) == set(states.DisbursementState.values)
        assert set(state_words.STATEMENT_LINE) == set(states.StatementLineState.values)
        assert set(state_words.PAYMENT_FILE) == set(states.PaymentFileState.values)
        assert set(state_words.PAYEE_DETAILS) == set(states.PayeeDetailsState.values)

    def test_stand_in_one_of_six_stages(self) -> None:
        stages = components.status_bar("BUDGET_REVIEW")["stages"]
        assert [stage["progress"] for stage in stages] == ["done", "done", "done", "now", "todo", "todo"]

    def test_that_pause_stand_where_they_were_interrupted(self) -> None:
        assert components.status_bar("ON_HOLD", at="PLAN_AND_BUDGET")["position"] == 3


class Form(forms.Form):
    cost = forms.CharField(label="Unit cost", help_text="Whole francs.")
    urgency = forms.ChoiceField(label="How urgent", choices=[("P1", "Now"), ("P3", "Later")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)


class TestFields:
    def test_tie_hint_and_error_to_the_control(self) -> None:
        html = rendered("{% form_field form.cost %}", form=Form({}))
        assert 'aria-describedby="id_cost_helptext id_cost_error"' in html
        assert "Answer “Unit cost”." in html

    def test_never_ask_the_browser_to_check(self) -> None:
        assert " required" not in rendered("{% form_fields form %}", form=Form())

    def test_say_which_answers_are_optional(self) -> None:
        assert "(optional)" in rendered("{% form_field form.note %}", form=Form())
        assert "(optional)" not in rendered("{% form_field form.cost %}", form=Form())

    def test_with_several_controls_are_a_fieldset(self) -> None:
        html = rendered("{% form_field form.urgency %}", form=Form())
        assert "<legend>How urgent" in html
        assert html.count('type="radio"') == 2

    def test_escape_what_was_typed(self) -> None:
        html = rendered("{% form_field form.cost %}", form=Form({"cost": '"><script>alert(1)</script>'}))
        assert "<script>" not in html

    def test_with_errors_are_listed_first_with_links(self) -> None:
        html = rendered("{% error_summary form %}", form=Form({}))
        assert '<a href="#id_cost">Answer “Unit cost”.</a>' in html
        assert '<a href="#id_urgency_0">Answer “How urgent”.</a>' in html

    def test_of_a_row_are_named_with_their_line(self) -> None:
        rows = forms.formset_factory(Form)({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-note": "x"})
        assert '<a href="#id_form-0-cost">Line 1: Answer “Unit cost”.</a>' in rendered("{% error_summary r %}", r=rows)

    def test_without_errors_show_no_summary(self) -> None:
        assert rendered("{% error_summary form %}", form=Form()).strip() == ""


class TestTheFundsBar:
    def test_draws_each_part_in_proportion_and_says_its_number(self) -> None:
        html = rendered(
            '{% fund_bar label="A" total=total paid=paid this=this free=free %}',
            total=Money(10000, "USD"),
            paid=Money(2500, "USD"),
            this=Money(500, "USD"),
            free=Money(7000, "USD"),
        )
        assert '<rect class="bar-paid" x="0" width="250" height="20"/>' in html
        assert '<rect class="bar-this" x="250" width="50" height="20"/>' in html
        assert '<rect class="bar-free" x="300" width="700" height="20"/>' in html
        assert '<data value="500" class="money">' in html

    def test_says_so_when_more_would_be_promised_than_there_is(self) -> None:
        html = rendered('{% fund_bar label="A" total=t free=f %}', t=Money(100, "USD"), f=Money(-1, "USD"))
        assert "More would be promised than this stream holds." in html


class TestWhatStandsBeforeAColon:
    @pytest.mark.parametrize(
        ("language", "words"), [("en", "P-1: late"), ("es", "P-1: late"), ("fr", "P-1\u00a0: late")]
    )
    def test_is_a_space_in_french_alone(self, language, words):
        with translation.override(language):
            page = Template("{% load formats %}{{ key }}{% colon %} late").render(Context({"key": "P-1"}))

        assert page == words


class TestASumInASentence:
    @pytest.mark.parametrize(
        ("language", "words"), [("en", "USD 12,500.50"), ("fr", "12 500,50 USD"), ("es", "12 500,50 USD")]
    )
    def test_is_written_as_the_reader_writes_it(self, language, words):
        with translation.override(language):
            assert visible(str(Money(1_250_050, "USD"))) == words
            assert visible(str(Money(-1_250_050, "USD"))) == f"{words}".replace("12", "-12", 1)
