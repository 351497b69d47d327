"""Payments and the lines a bank makes of them, with the truth kept apart: which line is which payment.

The mix is fixed and told with every result. Shares are shares of the payments; a split payment makes two or three
lines, a batch of two to six makes one, an open payment makes none; noise comes on top, so that as many lines come out
as payments went in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from finance.matching.bench.dice import Dice
from finance.matching.bench.words import as_a_bank_writes, as_people_write, payee_names, plain_text
from finance.matching.shapes import BankLine, OpenItem

MIX = {  # hundredths
    "reference": 76,
    "no_reference": 10,
    "batch": 4,
    "split": 2,
    "fee": 3,
    "exchange": 2,
    "return": 1,
    "open": 2,
    "noise": 2,
}
MIX_IN_WORDS = (
    "76% carry a reference, 10% none (half of those an account number), 4% batches of 2 to 6, 2% splits, 3% fees, "
    "2% exchange differences, 1% returns, 2% open payments, 2% noise; names reordered, cut and misspelt; duplicates; "
    "adversarial text"
)
_ACCOUNTS = (("GVA", "USD"), ("GVE", "EUR"), ("NBO", "USD"), ("AMM", "KWD"))
_PAYEE_CURRENCIES = ("XOF", "IDR", "MXN", "KES")
USD_PER_HUNDRED = {"USD": 100, "EUR": 109, "KWD": 33}  # invented; KWD has three decimals
FIRST_DAY = 739_000
DAYS = 250
IN_A_FILE = 15


@dataclass(frozen=True, slots=True)
class Truth:
    """What a line really is: these payments, and where a difference belongs."""

    items: frozenset[int]
    books_to: str = ""
    returns: bool = False


@dataclass
class World:
    """What matching is given, and what only the score may read."""

    lines: list[BankLine] = field(default_factory=list)
    items: list[OpenItem] = field(default_factory=list)
    truth: dict[int, Truth] = field(default_factory=dict)


class Generator:
    """Makes one world from a seed."""

    def __init__(self, count: int, seed: int) -> None:
        self.dice, self.world, self.count = Dice(seed), World(), count
        self.names = payee_names(max(40, count // 16), self.dice)
        self.accounts = [f"{self.dice.next():016x}" for _name in self.names]
        self.kinds = self._kinds()
        self.splits = 0
        self.drafts: list[tuple[int, dict[str, object], Truth | None]] = []

    def _kinds(self) -> list[str]:
        kinds = [kind for kind, share in MIX.items() if kind != "noise" for _n in range(self.count * share // 100)]
        kinds += ["reference"] * (self.count - len(kinds))
        singles = [kind for kind in kinds if kind != "batch"]
        self.dice.shuffle(singles)
        return ["batch"] * (len(kinds) - len(singles)) + singles

    def make(self) -> World:
        """The whole world."""
        place, size = 0, 0
        while place < len(self.kinds):
            kind = self.kinds[place]
            many = 1
            if kind == "batch":
                many = min(2 + size % 5, sum(1 for k in self.kinds[place : place + 6] if k == "batch"))
                size += 1
            items = self._items(kind, place, many)
            self._lines_of(kind, items)
            place += many
        self._noise()
        self._finish()
        return self.world

    # Ours

    def _items(self, kind: str, place: int, many: int) -> list[OpenItem]:
        """One payment, or those of a batch, which travel in one file on one day."""
        dice = self.dice
        account, currency = dice.pick(_ACCOUNTS)
        day = FIRST_DAY + dice.below(DAYS) * 7 // 5
        lot = dice.below(max(1, self.count // (DAYS * len(_ACCOUNTS) * IN_A_FILE)))
        made = []
        for number in range(place, place + many):
            payee, minor = dice.below(len(self.names)), self._amount()
            twin = self.world.items[-1] if kind == "no_reference" and dice.percent(3) and self.world.items else None
            if twin is not None and not twin.settled:
                account, currency, day, minor = twin.account, twin.currency, twin.day + dice.below(2), -twin.minor
                payee = self.names.index(twin.name)
            abroad = kind == "exchange" or dice.percent(10)
            made.append(
                OpenItem(
                    key=number + 1,
                    account=account,
                    currency=currency,
                    minor=-minor,
                    day=day,
                    reference=reference_of(number + 1),
                    group=f"F{account}{day}-{lot}",
                    counterparty_account=self.accounts[payee],
                    name=self.names[payee],
                    channel="wire" if kind == "fee" else "",
                    ordered_minor=minor * 7 if abroad else minor,
                    ordered_currency=dice.pick(_PAYEE_CURRENCIES) if abroad else currency,
                    settled=kind == "return",
                )
            )
        self.world.items += made
        return made

    def _amount(self) -> int:
        if self.dice.percent(15):
            return self.dice.pick((5_000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000, 120_000, 250_000))
        return self.dice.between(2_000, 1_500_000)

    # The bank's

    def _lines_of(self, kind: str, items: list[OpenItem]) -> None:
        item, dice = items[0], self.dice
        if kind == "reference":
            self._line(item, items, self._referenced(item), account=dice.percent(40))
        elif kind == "no_reference":
            self._line(item, items, {"text": plain_text(dice)}, account=item.key % 2 == 0)
        elif kind == "batch":
            self._batch(items)
        elif kind == "split":
            self._split(item)
        elif kind == "fee":
            fee = dice.pick((50, 100, 150, 250, 400, 500, 750, 1_200, 2_500, 4_000))
            self._line(item, items, self._mostly(item), minor=item.minor - fee, books_to="bank_fee")
        elif kind == "exchange":
            self._exchange(item)
        elif kind == "return":
            self._return(item)

    def _referenced(self, item: OpenItem) -> dict[str, str]:
        end_to_end, text = as_people_write(item.reference, self.dice)
        if end_to_end and self.dice.percent(2):  # somebody quotes another payment beside the right one
            text = f"as {self.dice.pick(self.world.items).reference} last month"
        return {"end_to_end": end_to_end, "text": text}

    def _mostly(self, item: OpenItem) -> dict[str, str]:
        return self._referenced(item) if self.dice.percent(90) else {"text": plain_text(self.dice)}

    def _batch(self, items: list[OpenItem]) -> None:
        """Half of them name what we call the batch; the others tell only the sum."""
        total = sum(item.minor for item in items)
        named = items[0].key % 2 == 0
        if named:
            label = f"BATCH{items[0].key:07d}"
            for number, item in enumerate(items):
                items[number] = self._in_group(item, label)
            words = {"text": f"SALARIES {label} {len(items)}"}
            self._line(items[0], items, words, minor=total, account=False, name="")
        else:
            self._line(items[0], items, {"text": "BATCH BOOKING"}, minor=total, account=False, name="")

    def _in_group(self, item: OpenItem, label: str) -> OpenItem:
        changed = replace(item, group=label)
        self.world.items[item.key - 1] = changed
        return changed

    def _split(self, item: OpenItem) -> None:
        self.splits += 1
        parts, rest = 2 + self.splits % 2, item.minor
        words = self._referenced(item) if self.dice.percent(85) else {"text": plain_text(self.dice)}
        name = as_a_bank_writes(item.name, self.dice)
        for number in range(parts):
            minor = rest if number == parts - 1 else rest * self.dice.between(30, 60) // 100
            rest -= minor
            self._line(item, [item], words, minor=minor, name=name)

    def _exchange(self, item: OpenItem) -> None:
        difference = abs(item.minor) * self.dice.between(5, 200) // 10_000 or 1
        minor = item.minor - (difference if self.dice.percent(50) else -difference)
        told = {"original_minor": item.ordered_minor, "original_currency": item.ordered_currency}
        more: dict[str, object] = dict(told) if self.dice.percent(60) else {}
        self._line(item, [item], {**self._mostly(item), **more}, minor=minor, books_to="exchange")

    def _return(self, item: OpenItem) -> None:
        kept = self.dice.pick((0, 0, 0, 500, 1_500))
        reference = item.reference if self.dice.percent(80) else item.reference[: self.dice.between(10, 12)]
        text = f"RETURN AC04 {reference}"
        where = {"end_to_end": reference, "text": "AC04"} if self.dice.percent(60) else {"text": text}
        books_to = "bank_fee" if kept else ""
        self._line(
            item, [item], {**where, "is_return": True}, minor=-item.minor - kept, returns=True, books_to=books_to
        )

    def _line(
        self,
        item: OpenItem,
        items: list[OpenItem],
        more: Mapping[str, object],
        *,
        account: bool = True,
        minor: int | None = None,
        name: str | None = None,
        books_to: str = "",
        returns: bool = False,
    ) -> None:
        """Draft one line of the bank; `minor` where it is not the item's, `name` where it is not the payee's."""
        written = as_a_bank_writes(item.name, self.dice) if name is None else name
        later = self.dice.pick((0, 0, 1, 1, 1, 2, 3)) + (self.dice.between(2, 20) if returns else 0)
        facts: dict[str, object] = {
            "account": item.account,
            "currency": item.currency,
            "minor": item.minor if minor is None else minor,
            "day": item.day + later,
            "counterparty": written,
            "counterparty_account": item.counterparty_account if account else "",
            **more,
        }
        self.drafts.append((item.day + later, facts, Truth(frozenset(i.key for i in items), books_to, returns)))

    # Strangers

    def _noise(self) -> None:
        paid = [draft for draft in self.drafts if draft[1].get("end_to_end")]
        for number in range(self.count * MIX["noise"] // 100):
            item, kind = self.dice.pick(self.world.items), number % 10
            facts: dict[str, object] = {
                "account": item.account,
                "currency": item.currency,
                "minor": -self._amount(),
                "day": item.day + self.dice.below(4),
                "counterparty": as_a_bank_writes(self.dice.pick(self.names), self.dice),
                "text": plain_text(self.dice),
            }
            if kind in (0, 1):  # a right reference, and quite another amount
                facts |= {"end_to_end": item.reference, "minor": item.minor - self.dice.between(600_000, 900_000)}
            elif kind == 2:  # the right amount and payee, a digit of the reference wrong, and long after
                wrong = item.reference[:-1] + str((int(item.reference[-1]) + 1) % 10)
                facts |= {"end_to_end": wrong, "minor": item.minor, "day": item.day + 60}
            elif kind == 3:  # the right account, another amount
                facts |= {"counterparty_account": item.counterparty_account, "minor": item.minor * 2 - 77_001}
            elif kind == 4:  # the right reference in another currency
                account, currency = next(a for a in _ACCOUNTS if a[1] != item.currency)
                facts |= {"account": account, "currency": currency, "end_to_end": item.reference, "minor": item.minor}
            elif kind == 5 and number % 4 == 1:  # booked twice by the bank, each as good as the other
                _day, twice, _truth = self.dice.pick(paid)
                facts = dict(twice)
            elif kind == 6:
                facts |= {"text": "ACCOUNT FEE", "minor": -self.dice.between(300, 9_000), "counterparty": ""}
            elif kind == 7:  # money from a stranger
                facts |= {"minor": self._amount(), "text": "DONATION"}
            self.drafts.append((int(str(facts["day"])), facts, None))

    def _finish(self) -> None:
        """In the bank's order: by day; a line booked twice follows the right one."""
        self.drafts.sort(key=lambda draft: draft[0])
        self.drafts.reverse()
        for key in range(1, len(self.drafts) + 1):
            _day, facts, truth = self.drafts.pop()
            self.world.lines.append(BankLine(key=key, **facts))  # type: ignore[arg-type]
            if truth is not None:
                self.world.truth[key] = truth


def reference_of(number: int) -> str:
    """An ISO 11649 reference of an invented payment."""
    body = f"P2026{number:06d}"
    digits = int("".join(str(int(character, 36)) for character in body + "RF00"))
    return f"RF{98 - digits % 97:02d}{body}"


def make_world(count: int, seed: int) -> World:
    """A world of `count` payments."""
    return Generator(count, seed).make()
