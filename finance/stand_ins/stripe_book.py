"""What the Stripe stand-in knows and does: accounts, transfers, payouts, top-ups, with their entries and events."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import datetime

from finance.stand_ins import stripe_banks as banks
from finance.stand_ins import stripe_shapes as shapes
from finance.stand_ins.stripe_errors import StripeSaysNo, no_such, not_now
from finance.stand_ins.stripe_ledger import BALANCE, BANK, FUNDING, ON_THE_WAY, STRIPE_FEES, Ledger
from finance.stand_ins.stripe_shapes import Values
from gaf.ids import random_key

KINDS = ("account", "transfer", "reversal", "payout", "topup", "movement", "event", "intent")

# Amounts must be a multiple of these, in Stripe's units. Written down here again on purpose: the gateway's own table
# is what is being tested.
_STEPS = {"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}
_PAYOUT_STEPS = _STEPS | {"huf": 100, "twd": 100}


class Book:
    """Everything that would be in Stripe's books. Amounts are in Stripe's units; the platform's owner name is ""."""

    def __init__(self, clock: Callable[[], datetime], pace: banks.Pace, payout_fee: Mapping[str, int]) -> None:
        self.clock, self.pace, self.payout_fee = clock, pace, payout_fee
        self.ledger = Ledger()
        self.shift = 0
        self.things: dict[str, dict[str, Values]] = {kind: {} for kind in KINDS}
        self.owners: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.paid_in: dict[str, str] = {}  # a movement's automatic payout
        self.coming: dict[str, list[banks.Move]] = {}
        self.request: Values = {"id": None, "idempotency_key": None}
        self._stem, self._made = random_key()[:8], 0
        self._due = 0

    # Keeping and finding

    def now(self) -> int:
        """The stand-in's own time in seconds: the clock, and what `advance` added. While settling: when it was due."""
        return self._due or int(self.clock().timestamp()) + self.shift

    def rows(self, kind: str, owner: str) -> list[Values]:
        """Everything of a kind that belongs to an account, newest first."""
        return [row for ref, row in reversed(self.things[kind].items()) if self.owners[ref] == owner]

    def get(self, kind: str, ref: str, owner: str) -> Values:
        """One thing of this owner, or Stripe's "no such ..."."""
        row = self.things[kind].get(ref)
        if row is None or self.owners[ref] != owner:
            raise no_such(kind, ref)
        return row

    def available(self, owner: str) -> dict[str, int]:
        return self.ledger.by_currency(BALANCE + owner)

    def dump(self) -> str:
        """The whole book as text, to be read again by `load`."""
        coming = {ref: [[m.due_after, m.status, m.failure_code] for m in moves] for ref, moves in self.coming.items()}
        kept = {
            name: getattr(self, name) for name in ("shift", "things", "owners", "numbers", "paid_in", "_stem", "_made")
        }
        return json.dumps(kept | {"coming": coming, "entries": self.ledger.entries})

    def load(self, text: str) -> None:
        kept = json.loads(text)
        self.ledger = Ledger(kept.pop("entries"))
        self.coming = {ref: [banks.Move(*move) for move in moves] for ref, moves in kept.pop("coming").items()}
        for name, value in kept.items():
            setattr(self, name, value)
        self.things = {kind: {} for kind in KINDS} | self.things

    # What a platform may ask for

    def open_account(self, asked: Values, ref: str = "") -> Values:
        """A connected account with one bank account; `ref` fixes its id."""
        ref = ref or self._ref("acct")
        bank = asked.get("external_account") or {}
        number = bank.get("account_number", "")
        country: str = asked.get("country", "US")
        currency: str = bank.get("currency") or asked.get("default_currency", "usd")
        shown = None
        if number:
            shown = shapes.bank_account(
                self._ref("ba"), owner=ref, country=str(bank.get("country", country)), currency=currency, number=number
            )
        can = {"transfers": banks.can_receive(number), "payouts": bool(number) and banks.can_pay_out(number)}
        self.numbers[ref] = number
        return self._keep(
            "account",
            shapes.account(ref, country=country, currency=currency, created=self.now(), bank=shown, can=can, own=asked),
            owner="",
        )

    def top_up(self, asked: Values) -> Values:
        """Money on its way from the fund's own bank; it can be spent once it has succeeded."""
        row = shapes.topup(self._ref("tu"), asked, created=self.now(), expected=self.now() + self.pace.in_transit)
        self._keep("topup", row, owner="")
        self.coming[row["id"]] = [banks.Move(self.pace.in_transit, "succeeded")]
        self._tell("topup.created", row)
        return row

    def reverse_top_up(self, ref: str) -> Values:
        """The fund's own bank takes back a top-up that had succeeded, spent or not: the balance may go below zero."""
        row = self.get("topup", ref, "")
        amount, currency = row["amount"], row["currency"]
        self.ledger.move(ref, amount=amount, currency=currency, out_of=BALANCE, into=FUNDING)
        self.movement("", "topup_reversal", -amount, currency, ref)
        return self._become(row, "reversed")

    def debit(self, amount: int, currency: str) -> str:
        """Stripe takes money by itself and sends no message about it: only the movement tells."""
        ref = self._ref("adj")
        self.ledger.move(ref, amount=amount, currency=currency, out_of=BALANCE, into=STRIPE_FEES)
        return self.movement("", "adjustment", -amount, currency, ref, "Taken by Stripe")

    def make_transfer(self, asked: Values) -> Values:
        """From the platform's balance to a connected account's, at once."""
        to, amount, currency = asked["destination"], asked["amount"], asked["currency"]
        if to not in self.things["account"]:
            raise no_such("destination", to, status=400, param="destination")
        self._check_step(amount, currency, _STEPS)
        if not banks.can_receive(self.numbers[to]):
            raise not_now(
                "The destination account lacks the transfers capability.", "insufficient_capabilities_for_transfer"
            )
        self._check_balance("", amount, currency)
        ref, arrived = self._ref("tr"), self._ref("py")
        self.ledger.move(ref, amount=amount, currency=currency, out_of=BALANCE, into=BALANCE + to)
        out = self.movement("", "transfer", -amount, currency, ref)
        self.movement(to, "payment", amount, currency, arrived)
        row = self._keep(
            "transfer", shapes.transfer(ref, asked, created=self.now(), movement=out, arrival=arrived), owner=""
        )
        self._tell("transfer.created", row)
        return row

    def reverse_transfer(self, ref: str, asked: Values) -> Values:
        """Back from the connected account's balance; partly or whole, never more than was sent."""
        of = self.get("transfer", ref, "")
        left = of["amount"] - of["amount_reversed"]
        amount = asked.get("amount", left)
        if amount > left or left == 0:
            raise not_now(
                "The transfer has not that much left to reverse.", "transfer_reversal_exceeds_amount", "amount"
            )
        self._check_balance(of["destination"], amount, of["currency"])
        made, refund = self._ref("trr"), self._ref("pyr")
        self.ledger.move(made, amount=amount, currency=of["currency"], out_of=BALANCE + of["destination"], into=BALANCE)
        back = self.movement("", "transfer_refund", amount, of["currency"], made)
        self.movement(of["destination"], "payment_refund", -amount, of["currency"], refund)
        row = shapes.reversal(made, asked | {"amount": amount}, of=of, created=self.now(), movement=back, refund=refund)
        of["amount_reversed"] += amount
        of["reversed"] = of["amount_reversed"] == of["amount"]
        of["reversals"]["data"].insert(0, row)
        self._keep("reversal", row, owner="")
        self._tell("transfer.reversed", of)
        return row

    def make_payout(self, asked: Values, owner: str) -> Values:
        """From a balance to its bank account; what becomes of it is in the account number."""
        amount, currency = asked["amount"], asked["currency"]
        self._check_step(amount, currency, _PAYOUT_STEPS)
        number = self.numbers.get(owner, "")
        if not banks.can_pay_out(number):
            raise not_now("Payouts have been disabled on this account.", "payouts_not_allowed")
        bank = self._bank_for(owner, currency, asked.get("destination", ""))
        self._check_balance(owner, amount, currency)
        ref = self._ref("po")
        self.ledger.move(ref, amount=amount, currency=currency, out_of=BALANCE + owner, into=ON_THE_WAY)
        out = self.movement(owner, "payout", -amount, currency, ref)
        arrival = self.now() + self.pace.paid
        row = shapes.payout(ref, asked, created=self.now(), movement=out, bank=bank, arrival=arrival)
        self._keep("payout", row, owner=owner)
        self._charge_fee(currency, ref)
        self.coming[ref] = banks.coming_moves(number, self.pace)
        self._tell("payout.created", row)
        return row

    def pay_out_by_itself(self, currency: str) -> Values:
        """What Stripe does on a schedule: the whole balance goes to the fund's bank, and Stripe says of what."""
        amount, ref = self.available("")[currency], self._ref("po")
        waiting = [row for row in self.rows("movement", "") if row["currency"] == currency]
        self.ledger.move(ref, amount=amount, currency=currency, out_of=BALANCE, into=ON_THE_WAY)
        out = self.movement("", "payout", -amount, currency, ref)
        self.paid_in |= {one: ref for one in (*(row["id"] for row in waiting), out) if one not in self.paid_in}
        asked = {"amount": amount, "currency": currency}
        row = shapes.payout(ref, asked, created=self.now(), movement=out, bank="ba_own", arrival=self.now())
        self.coming[ref] = banks.coming_moves("", self.pace)
        return self._keep("payout", row | {"automatic": True, "reconciliation_status": "completed"}, owner="")

    def cancel_payout(self, ref: str, owner: str) -> Values:
        row = self.get("payout", ref, owner)
        if row["status"] != "pending":
            raise not_now("Payouts can only be canceled while they are pending.", "payout_not_cancelable")
        self.coming.pop(ref, None)
        self._put_back(row, "payout_cancel", out_of=ON_THE_WAY)
        return self._become(row, "canceled")

    # Time

    def settle(self) -> int:
        """Let everything happen that is due by now, in order of time. Says how many things moved."""
        now = self.now()
        due = sorted(
            (self._row(ref)["created"] + move.due_after, ref)
            for ref, moves in self.coming.items()
            for move in moves
            if self._row(ref)["created"] + move.due_after <= now
        )
        for self._due, ref in due:
            self._move_on(self._row(ref), self.coming[ref].pop(0))
            if not self.coming[ref]:
                del self.coming[ref]
        self._due = 0
        return len(due)

    def _move_on(self, row: Values, move: banks.Move) -> None:
        if row["object"] == "topup":
            self.ledger.move(row["id"], amount=row["amount"], currency=row["currency"], out_of=FUNDING, into=BALANCE)
            row["balance_transaction"] = self.movement("", "topup", row["amount"], row["currency"], row["id"])
        bank = BANK + self.owners[row["id"]]
        if move.status == "paid":
            self.ledger.move(row["id"], amount=row["amount"], currency=row["currency"], out_of=ON_THE_WAY, into=bank)
            row["trace_id"] = {"status": "supported", "value": f"TRACE{row['id'][-6:]}"}
        if move.status == "failed":
            row["failure_code"] = move.failure_code
            row["failure_message"] = banks.FAILURE_WORDS[move.failure_code]
            self._put_back(row, "payout_failure", out_of=bank if row["status"] == "paid" else ON_THE_WAY)
        self._become(row, move.status)

    def _put_back(self, row: Values, kind: str, *, out_of: str) -> None:
        owner = self.owners[row["id"]]
        self.ledger.move(row["id"], amount=row["amount"], currency=row["currency"], out_of=out_of, into=BALANCE + owner)
        row["failure_balance_transaction"] = self.movement(owner, kind, row["amount"], row["currency"], row["id"])

    def _become(self, row: Values, status: str) -> Values:
        before, row["status"] = {"status": row["status"]}, status
        if row["object"] == "payout":
            self._tell("payout.updated", row, before)
        if status != "in_transit":
            self._tell(f"{row['object']}.{status}", row)
        return row

    # What the public acts are made of

    def new_ref(self, prefix: str) -> str:
        """A number nobody had yet."""
        return self._ref(prefix)

    def _ref(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}_{self._stem}{self._made:06d}"

    def _row(self, ref: str) -> Values:
        return self.things["topup" if ref.startswith("tu_") else "payout"][ref]

    def _keep(self, kind: str, row: Values, *, owner: str) -> Values:
        self.things[kind][row["id"]] = row
        self.owners[row["id"]] = owner
        return row

    def movement(self, owner: str, kind: str, amount: int, currency: str, source: str, words: str | None = None) -> str:
        ref = self._ref("txn")
        row = shapes.movement(
            ref, kind, amount=amount, fee=0, currency=currency, source=source, at=self.now(), words=words
        )
        self._keep("movement", row, owner=owner)
        return ref

    def _charge_fee(self, currency: str, source: str) -> None:
        fee = self.payout_fee.get(currency, 0)
        if fee:
            self.ledger.move(source, amount=fee, currency=currency, out_of=BALANCE, into=STRIPE_FEES)
            self.movement("", "stripe_fee", -fee, currency, source, "Payout fee")

    def _tell(self, kind: str, about: Values, before: Values | None = None) -> None:
        """Write the event down as a snapshot; delivering it is somebody else's work."""
        owner = self.owners[about["id"]]
        row = shapes.event(
            self._ref("evt"),
            kind,
            copy.deepcopy(about),
            before=before or {},
            account_ref=owner,
            created=self.now(),
            request=dict(self.request),
        )
        self._keep("event", row, owner=owner)

    def _bank_for(self, owner: str, currency: str, wanted: str) -> str:
        accounts = self.things["account"][owner]["external_accounts"]["data"] if owner else []
        fitting = [bank["id"] for bank in accounts if bank["currency"] == currency]
        if wanted and wanted not in fitting:
            raise no_such("external account", wanted, status=400, param="destination")
        if not fitting:
            raise StripeSaysNo(400, f"Sorry, you don't have any external accounts in that currency ({currency}).")
        return str(fitting[0])

    def _check_balance(self, owner: str, amount: int, currency: str) -> None:
        if self.ledger.total(BALANCE + owner, currency) < amount:
            raise not_now("You have insufficient funds in your Stripe account.", "balance_insufficient")

    def _check_step(self, amount: int, currency: str, steps: Mapping[str, int]) -> None:
        if amount % steps.get(currency, 1):
            raise StripeSaysNo(
                400,
                f"Amounts in {currency} must be divisible by {steps[currency]}.",
                code="invalid_charge_amount_no_decimal_compatible",
                param="amount",
            )
