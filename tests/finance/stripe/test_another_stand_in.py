"""The rail over somebody else's stand-in: strict in what it sends, tolerant of everything it is not told."""

from __future__ import annotations

from finance.gateways.port import Accepted, Found, NotFound, ProviderStatus, Quote
from finance.gateways.stripe_connect import StripeRail
from tests.finance.stripe.another_stand_in import AnotherStandIn
from tests.finance.stripe.conftest import NOON, instruct


class TestASparseStandIn:
    def test_carries_a_payment_from_quote_to_paid(self):
        with AnotherStandIn() as there:
            rail = StripeRail("sk_any", there.address, network_retries=0)
            order = instruct("acct_theirs")
            asked = (rail.quote(order), rail.funds("USD"), rail.find(order))
            answer = rail.create(order, first_called_at=None, now=NOON)
            again = rail.create(order, first_called_at=NOON, now=NOON, asked_before=True)
            found, state = rail.find(order), rail.status(order, "payout-1")
            rail.close()

        assert asked == (Quote(order.money), None, NotFound())
        assert answer == again == Accepted("payout-1", {"transfer": "transfer-1", "payout": "payout-1"})
        assert isinstance(found, Found)
        assert state.status is ProviderStatus.PAID
        assert (len(there.transfers), len(there.payouts)) == (1, 1)
