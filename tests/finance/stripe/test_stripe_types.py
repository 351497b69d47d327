"""The stand-in is held to the types Stripe's own library ships: what does not fit them is seen, in both directions."""

from __future__ import annotations

import pytest

from finance.stand_ins.stripe_forms import decode
from finance.stand_ins.stripe_types import faults_of_answer, faults_of_request
from finance.stand_ins.stripe_types_v2 import faults_of_v2_answer

TRANSFER = "amount=25000&currency=usd&destination=acct_1&transfer_group=P-1&metadata[attempt]=a"


class TestARequestWithinStripesTypes:
    def test_has_no_fault(self):
        assert faults_of_request("POST", "/v1/transfers", decode(TRANSFER)) == []
        assert faults_of_request("GET", "/v1/payouts", decode("created[gte]=1700000000&limit=100")) == []
        assert faults_of_request("POST", "/v1/transfers/tr_1/reversals", decode("amount=1")) == []

    @pytest.mark.parametrize(
        ("path", "form", "says"),
        [
            ("/v1/transfers", TRANSFER.replace("&destination=acct_1", ""), "destination: missing"),
            ("/v1/transfers", TRANSFER.replace("25000", "250.00"), "'250.00' is no int"),
            ("/v1/transfers", TRANSFER + "&to=acct_2", ".to: unknown"),
            ("/v1/transfers", TRANSFER + "&stripe_account=acct_2", ".stripe_account: unknown"),
        ],
    )
    def test_is_told_from_one_that_is_not(self, path, form, says):
        faults = faults_of_request("POST", path, decode(form))

        assert len(faults) == 1
        assert says in faults[0]


class TestAnAnswerWithinStripesTypes:
    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"object": "payout", "id": "po_1", "amount": "100"}, "amount: '100' is no int"),
            ({"object": "payout", "id": "po_1", "automatic": 0}, "automatic: 0 is no bool"),
            ({"object": "transfer", "amount": 1}, "id: missing"),
            ({"object": "event", "id": "evt_1", "type": None}, "type"),
            ({"object": "list", "data": [{"object": "topup", "id": "tu_1", "status": 3}]}, "status"),
        ],
    )
    def test_is_told_from_one_that_is_not(self, values, says):
        faults = faults_of_answer(values)

        assert len(faults) == 1
        assert says in faults[0]

    def test_is_every_answer_of_a_payment_that_came_back(self, rail, stand_in, instruct_for, noon):
        """The fixture asks at the end of every test here; this one has every kind of object in its book."""
        instruction = instruct_for(stand_in.connect_account("CH9300762011623850007", currency="usd"))
        rail.create(instruction, first_called_at=None, now=noon)
        stand_in.advance(6 * 86_400)
        rail.bring_back(instruction)
        rail.balance_transactions(noon)
        rail.events_since(noon)
        rail.account_state(instruction.destination)

        assert stand_in.out_of_type == []


def an_intent(**changes: object) -> dict[str, object]:
    """A payout intent with every field that Stripe always gives."""
    return {
        "id": "poi_1",
        "object": "v2.money_management.payout_intent",
        "amount": {"value": 25_000, "currency": "usd"},
        "confirmation_method": "automatic",
        "created": "2026-11-23T12:00:00.000Z",
        "from": {"financial_account": "fa_1", "currency": "usd"},
        "livemode": False,
        "status": "pending",
        "to": {"recipient": "acct_1"},
    } | changes


class TestAnAnswerOfTheSecondInterface:
    def test_within_stripes_types_has_no_fault(self):
        assert faults_of_v2_answer(an_intent()) == []
        assert faults_of_v2_answer({"data": [an_intent(), an_intent()], "next_page_url": None}) == []

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            (an_intent(amount={"value": "250", "currency": "usd"}), ".amount.value: '250' is no int"),
            (an_intent(amount=None), ".amount: nothing"),
            (an_intent(colour="red"), ".colour: unknown"),
            ({name: one for name, one in an_intent().items() if name != "created"}, ".created: missing"),
            (an_intent(to={"recipient": 7}), ".to.recipient: 7"),
            (an_intent(**{"from": {"currency": "usd"}}), ".from.financial_account: missing"),
            (
                an_intent(next_action={"type": "confirm", "confirm": {"fields": []}}),
                ".next_action.confirm.fields: unknown",
            ),
            ({"object": "v2.money_management.present"}, "no class of the library"),
        ],
    )
    def test_is_told_from_one_that_is_not(self, values, says):
        faults = faults_of_v2_answer(values)

        assert any(says in fault for fault in faults), faults
