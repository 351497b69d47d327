"""The stand-in is held to the types Stripe's own library ships: what does not fit them is seen, in both directions."""

from __future__ import annotations

import pytest

from finance.stand_ins.stripe_forms import decode
from finance.stand_ins.stripe_types import faults_of_answer, faults_of_request

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
