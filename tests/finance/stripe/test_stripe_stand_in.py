"""The stand-in is as strict as Stripe: it refuses what Stripe refuses, repeats what it repeats, loses no cent."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest

from finance.gateways.port import Accepted, Unknown
from finance.stand_ins.stripe_banks import Pace
from finance.stand_ins.stripe_faults import Fault, FaultPlan, Trouble, seeded_faults
from finance.stand_ins.stripe_server import StripeStandIn

TRANSFER = "amount=2500&currency=usd&destination={payee}"


@pytest.fixture
def call(stand_in):
    """One plain HTTP request to the stand-in: status and body."""

    def call(path, form=None, *, account="", key="", api_key="sk_test_specification"):
        headers = {"Authorization": f"Bearer {api_key}", "Stripe-Account": account, "Idempotency-Key": key}
        request = urllib.request.Request(
            stand_in.address + path,
            None if form is None else form.encode(),
            {name: value for name, value in headers.items() if value},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)["error"]

    return call


class TestARequestToTheStandIn:
    @pytest.mark.parametrize(
        ("form", "code", "param"),
        [
            ("amount=2500&currency=usd", "parameter_missing", "destination"),
            (TRANSFER + "&colour=blue", "parameter_unknown", "colour"),
            ("amount=12.5&currency=usd&destination={payee}", "parameter_invalid_integer", "amount"),
            ("amount=0&currency=usd&destination={payee}", "parameter_invalid_integer", "amount"),
            ("amount=-5&currency=usd&destination={payee}", "parameter_invalid_integer", "amount"),
            ("amount=2500&currency=us&destination={payee}", None, "currency"),
            ("amount=2500&currency=usd&destination=", "parameter_invalid_empty", "destination"),
            (TRANSFER + "&source_type=gold", None, "source_type"),
            (TRANSFER + "&metadata=plain", None, "metadata"),
            (TRANSFER + "&metadata[c[d]]=1", "parameter_unknown", "metadata[c[d]]"),
            (TRANSFER + "&amount=2500", None, "amount"),
            (TRANSFER + "&expand[0]=owner", None, "expand"),
            ("amount=2500&currency=usd&destination=acct_none", "resource_missing", "destination"),
        ],
    )
    def test_is_refused_with_a_wrong_parameter_and_moves_nothing(self, call, stand_in, payee, form, code, param):
        status, error = call("/v1/transfers", form.format(payee=payee))

        assert (status, error.get("code"), error["param"]) == (400, code, param)
        assert stand_in.book().platform == {"usd": 100_000}

    def test_is_refused_with_a_statement_text_over_22_characters(self, call, payee):
        status, error = call("/v1/payouts", f"amount=1&currency=usd&statement_descriptor={'x' * 23}", account=payee)

        assert (status, error["param"]) == (400, "statement_descriptor")

    @pytest.mark.parametrize(("amount", "currency"), [(1235, "kwd"), (150, "isk"), (70050, "ugx")])
    def test_is_refused_where_the_amount_does_not_fit_the_currency(self, call, payee, amount, currency):
        status, error = call("/v1/transfers", f"amount={amount}&currency={currency}&destination={payee}")

        assert (status, error["code"]) == (400, "invalid_charge_amount_no_decimal_compatible")

    def test_is_refused_with_another_key_or_for_another_account(self, call):
        assert call("/v1/balance", api_key="sk_other")[0] == 401
        assert call("/v1/balance", account="acct_none")[1]["code"] == "account_invalid"
        assert call("/v1/charges", "")[0] == 404
        assert call("/v1/payouts/po_none")[1]["code"] == "resource_missing"

    def test_does_not_let_a_payees_account_move_the_funds_money(self, call, payee):
        assert call("/v1/transfers", TRANSFER.format(payee=payee), account=payee)[0] == 403

    def test_shows_other_accounts_nothing(self, call, stand_in, payee):
        other = stand_in.connect_account("CH9300762011623852957", currency="usd")
        call("/v1/transfers", TRANSFER.format(payee=payee))
        ref = call("/v1/payouts", "amount=2500&currency=usd", account=payee)[1]["id"]

        assert call(f"/v1/payouts/{ref}", account=payee)[0] == 200
        assert call(f"/v1/payouts/{ref}", account=other)[0] == 404
        assert call("/v1/payouts", account=other)[1]["data"] == []

    def test_opens_accounts_as_stripe_does(self, call):
        status, account = call(
            "/v1/accounts",
            "type=custom&country=CH&capabilities[transfers][requested]=true"
            "&external_account[object]=bank_account&external_account[country]=CH&external_account[currency]=chf"
            "&external_account[account_number]=CH9300762011623852957&settings[payouts][schedule][interval]=manual",
        )

        assert (status, account["payouts_enabled"], account["capabilities"]) == (200, True, {"transfers": "active"})
        assert account["external_accounts"]["data"][0]["last4"] == "2957"
        assert "CH9300762011623852957" not in json.dumps(account)

    def test_expands_the_movement_of_a_transfer(self, call, payee):
        transfer = call("/v1/transfers", TRANSFER.format(payee=payee) + "&expand[]=balance_transaction")[1]

        assert (transfer["balance_transaction"]["net"], transfer["balance_transaction"]["type"]) == (-2500, "transfer")

    def test_pages_in_both_directions(self, call, stand_in):
        for _ in range(4):
            stand_in.top_up(100, "usd")
        refs = [row["id"] for row in call("/v1/topups")[1]["data"]]

        first = call("/v1/topups?limit=2")[1]
        then = call(f"/v1/topups?limit=2&starting_after={refs[1]}")[1]
        back = call(f"/v1/topups?limit=2&ending_before={refs[4]}")[1]

        assert ([row["id"] for row in first["data"]], first["has_more"]) == (refs[:2], True)
        assert ([row["id"] for row in then["data"]], then["has_more"]) == (refs[2:4], True)
        assert ([row["id"] for row in back["data"]], back["has_more"]) == (refs[2:4], True)


class TestTheSameKeyTwice:
    def test_repeats_the_first_answer_and_moves_money_once(self, call, stand_in, payee):
        first = call("/v1/transfers", TRANSFER.format(payee=payee), key="k")

        assert call("/v1/transfers", TRANSFER.format(payee=payee), key="k") == first
        assert stand_in.book().platform == {"usd": 97_500}

    def test_is_refused_with_other_parameters(self, call, stand_in, payee):
        call("/v1/transfers", TRANSFER.format(payee=payee), key="k")

        status, error = call("/v1/transfers", f"amount=2501&currency=usd&destination={payee}", key="k")

        assert (status, error["type"]) == (400, "idempotency_error")
        assert stand_in.refused_key_reuses == 1
        assert stand_in.book().platform == {"usd": 97_500}

    def test_repeats_a_500_although_the_money_moved(self, call, stand_in, payee):
        stand_in.faults.add(Fault(Trouble.ERROR_AFTER))

        statuses = [call("/v1/transfers", TRANSFER.format(payee=payee), key="k")[0] for _ in range(2)]

        assert statuses == [500, 500]
        assert stand_in.book().platform == {"usd": 97_500}

    def test_is_free_again_after_a_wrong_parameter_or_a_busy_moment(self, call, stand_in, payee):
        stand_in.faults.add(Fault(Trouble.RATE_LIMITED))

        assert call("/v1/transfers", TRANSFER.format(payee=payee), key="k")[0] == 429
        assert call("/v1/transfers", "amount=x", key="k")[0] == 400
        assert call("/v1/transfers", TRANSFER.format(payee=payee), key="k")[0] == 200

    def test_at_the_same_moment_is_a_conflict(self, call, stand_in, payee):
        stand_in.faults.add(Fault(Trouble.SLOW, seconds=0.4))
        statuses = []
        asking = [
            threading.Thread(
                target=lambda: statuses.append(call("/v1/transfers", TRANSFER.format(payee=payee), key="k")[0])
            )
            for _ in range(2)
        ]

        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()

        assert sorted(statuses) == [200, 409]
        assert stand_in.book().platform == {"usd": 97_500}

    def test_is_forgotten_after_a_day(self, call, stand_in, payee):
        call("/v1/transfers", TRANSFER.format(payee=payee), key="k")
        stand_in.advance(24 * 3600)

        call("/v1/transfers", TRANSFER.format(payee=payee), key="k")

        assert stand_in.book().platform == {"usd": 95_000}


class TestTheStandInsBooks:
    def test_add_up_to_zero_after_everything_that_can_happen(self, rail, stand_in, instruct_for, noon):
        for place, ending in enumerate(("0000", "0004", "0005", "0006", "0007", "0008", "0009")):
            payee = stand_in.connect_account(f"CH93007620116238{ending}", currency="usd")
            instruction = instruct_for(payee, "100.00", number=f"P-2026-{place:05d}", key=f"{place:032x}")
            rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(6 * 86400)

        books = stand_in.book()

        assert books.is_balanced
        assert books.platform == {"usd": 100_000 - 5 * 10_000}
        assert books.on_the_way == {"usd": 20_000}
        assert sum(account.get("usd", 0) for account in books.banks.values()) == 10_000
        assert sum(account.get("usd", 0) for account in books.accounts.values()) == 20_000

    def test_survive_a_restart(self, tmp_path, make_rail, instruct_for, noon):
        kept_in = tmp_path / "stripe.json"
        first = StripeStandIn(api_key="sk", clock=lambda: noon, kept_in=kept_in)
        first.top_up(100_000, "usd")
        payee = first.connect_account("CH9300762011623852957", currency="usd")
        second = StripeStandIn(api_key="sk", clock=lambda: noon, kept_in=kept_in)
        with second as address:
            rail = make_rail(api_key="sk", api_base=address)
            answer = rail.create(instruct_for(payee), first_called_at=None, now=noon)
        third = StripeStandIn(api_key="sk", clock=lambda: noon, kept_in=kept_in)
        with third as address:
            rail = make_rail(api_key="sk", api_base=address)
            again = rail.create(instruct_for(payee), first_called_at=noon, now=noon)
            third.advance(3 * 86400)

        assert isinstance(answer, Accepted)
        assert again == answer
        assert third.book().banks == {payee: {"usd": 25_000}}

    def test_move_on_by_themselves_when_told_to(self, make_rail, instruct_for):
        """By the real clock: a pace of nothing at all, looked at until it has happened."""
        from gaf import clock

        stand_in = StripeStandIn(api_key="sk", pace=Pace(0, 0, 0), by_itself=True)
        with stand_in as address:
            payee = stand_in.connect_account("CH9300762011623850007", currency="usd")
            stand_in.top_up(100_000, "usd")
            rail = make_rail(api_key="sk", api_base=address)
            ref = rail.create(instruct_for(payee), first_called_at=None, now=clock.now()).provider_ref
            state = rail.status(instruct_for(payee), ref)

        assert (state.status, state.failure_code) == ("failed", "account_closed")


class TestTheStandInsDoor:
    def test_listens_on_this_machine_only(self, stand_in):
        assert stand_in.address.startswith("http://127.0.0.1:")
        assert stand_in._server.server_address[0] == "127.0.0.1"

    def test_sends_messages_to_this_machine_only(self):
        with pytest.raises(ValueError, match="this machine only"):
            StripeStandIn(api_key="sk", webhook_url="http://example.org/stripe", webhook_secret="whsec")

    def test_answers_nobody_once_it_is_stopped(self, rail, stand_in, instruction, noon):
        rail.balance()
        stand_in.stop()

        assert isinstance(rail.create(instruction, first_called_at=None, now=noon), Unknown)


class TestAPlanOfFaults:
    def test_strikes_the_request_it_was_made_for_and_no_other(self):
        plan = FaultPlan([Fault(Trouble.SLOW, "/v1/payouts", skip=1, times=2)])

        struck = [plan.take("POST", path) is not None for path in ("/v1/payouts", "/v1/topups", *["/v1/payouts"] * 3)]

        assert struck == [False, False, True, True, False]

    def test_is_the_same_for_the_same_seed(self):
        assert seeded_faults(7, 50) == seeded_faults(7, 50)
        assert seeded_faults(7, 50) != seeded_faults(8, 50)
        assert 5 <= len(seeded_faults(7, 50)) <= 20
