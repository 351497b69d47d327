"""One batch of copies before it is written: references, keys, seals, one file for the bank. It asks no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from finance.actions.files import debtor, order
from finance.actions.statement_plan import first_identity
from finance.actions.statement_sheets import LineRead, Sheet
from finance.chain import chain_of
from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.gateways.bank_file.orders import CreditOrder
from finance.models import Attempt, Disbursement, PaymentFile, Statement, StatementLine
from finance.private_files import store_private
from gaf import ids
from gaf.decisions.record import sha256
from gaf.demo.bulk.compiled import Said
from gaf.demo.bulk.pattern import Pattern, Row, id_word
from gaf.demo.bulk.ready import Ground, Local
from gaf.demo.bulk.scene import debit_line, digest_of, sheet_of
from gaf.demo.bulk.writing import Model, next_id
from gaf.ids import keys_without_end
from gaf.money import Money
from gaf.references import issue_many, rf_reference
from gaf.sealing import seal_many

_COUNTED = (("reference", "GAF"), ("number", "P"))


@dataclass(frozen=True)
class Batch:
    """The missions that get a copy each, and how much later than the scene all of them are."""

    locals: Sequence[Local]
    later: timedelta


@dataclass
class Copy:
    """One copy: the mission it is of, and what it says where the scene had words."""

    local: Local
    said: Said


@dataclass(frozen=True)
class Prepared:
    """A batch that is ready to be written: its copies, what is said once for all of them, and the last number of each
    kind of row."""

    copies: list[Copy]
    shared: Said
    last: dict[Model, int]


@dataclass(frozen=True)
class Issued:
    """What the counters of the database gave out to one batch, in their order."""

    references: dict[str, list[str]]
    files: list[str]


@dataclass
class _Paid:
    """What one copy's disbursement is to the bank."""

    copy: Copy
    place: int
    row: Row
    money: Money


class Preparer:
    """Makes one batch after the other, each on what the one before left: numbers of rows, the account's balance.

    What it needs of the database is read when it is made and when numbers are issued, so that `prepare` can run while
    another batch is being written.
    """

    def __init__(self, ground: Ground, pattern: Pattern, seed: int) -> None:
        self._ground, self._pattern, self._seed = ground, pattern, seed
        self._words = list(pattern.own_texts.values())
        self._next = {kind: next_id(kind) for kind in {row.kind for row in pattern.rows}}
        self._orders = {local.mission.pk: _order_to(local) for local in ground.missions}
        self._of_missions = {local.mission.pk: _of_mission(local) for local in ground.missions}
        self._stands_at = chain_of(ground.account).balance
        self._statements = Statement.objects.filter(bank_account=ground.account).count()

    def issue(self, batch: Batch) -> Issued:
        """References of a batch and of its files, from the counters everybody else's come from."""
        year = (self._ground.begins + batch.later).year
        references = {kind: issue_many(prefix, year, self._each(kind) * len(batch.locals)) for kind, prefix in _COUNTED}
        raw = self._pattern.raw(PaymentFile)
        prepared = [raw[row.place]["prepared_at"] + batch.later for row in self._pattern.of(PaymentFile, shared=True)]
        return Issued(references, [issue_many("FILE", at.year, 1)[0] for at in prepared])

    def prepare(self, batch: Batch, issued: Issued) -> Prepared:
        """Everything of a batch that does not depend on what was decided and posted before it."""
        copies = [Copy(local, dict(self._of_missions[local.mission.pk])) for local in batch.locals]
        self._name(copies, issued)
        self._take_ids(copies)
        shared = self._share(copies, batch.later, issued)
        self._seal(copies, shared)
        return Prepared(copies, shared, {kind: following - 1 for kind, following in self._next.items()})

    def _each(self, kind: str) -> int:
        return sum(word.startswith(f"{kind}.") for word in self._words)

    def _name(self, copies: list[Copy], issued: Issued) -> None:
        for kind, names in issued.references.items():
            rest, each = iter(names), self._each(kind)
            for copy in copies:
                copy.said |= {f"{kind}.{place}": name for place, name in enumerate(islice(rest, each))}
        for copy in copies:
            self._key(copy)

    def _key(self, copy: Copy) -> None:
        """Keys that nobody else has."""
        begins = f"{self._seed}:{copy.said['reference.0']}"
        spoken = keys_without_end(begins)
        for word in self._words:
            kind, place = word.split(".")
            if kind in ("key", "attempt"):
                copy.said[word] = sha256(f"{begins}:{word}")[:32]
            elif kind in ("case", "person"):
                copy.said[word] = f"{'C' if kind == 'case' else 'PER'}-{next(spoken)}"
            elif kind == "rf":
                copy.said[word] = rf_reference(copy.said[f"number.{place}"])

    def _take_ids(self, copies: list[Copy]) -> None:
        for kind in self._next:
            each = len(self._pattern.of(kind))
            for copy in copies:
                first = self._next[kind]
                self._next[kind] += each
                table = kind._meta.db_table
                copy.said |= {f"{table}.{place}": str(first + place) for place in range(each)}

    # What stands once for all copies of a batch

    def _share(self, copies: list[Copy], later: timedelta, issued: Issued) -> Said:
        shared: Said = {}
        for kind in self._next:
            for row in self._pattern.of(kind, shared=True):
                shared[id_word(kind, row.place, shared=True)] = str(self._next[kind])
                self._next[kind] += 1
        for row, message_id in zip(self._pattern.of(PaymentFile, shared=True), issued.files, strict=True):
            shared |= self._file(row, copies, later, message_id)
        for row in self._pattern.of(Statement, shared=True):
            shared |= self._statement(row, copies, later)
        return shared

    def _file(self, row: Row, copies: list[Copy], later: timedelta, message_id: str) -> Said:
        """The bytes for the bank, of every disbursement in it."""
        raw = self._pattern.raw(PaymentFile)[row.place]
        paid = [one for one in self._paid(copies) if self._raw(one)["payment_file_id"] == raw["id"]]
        attempts = self._attempts()
        orders = [self._order(one, one.copy.said[f"attempt.{attempts[one.place]}"]) for one in paid]
        at: datetime = raw["prepared_at"] + later
        content = build_credit_transfer(
            msg_id=message_id,
            created_at=at,
            execution_date=at.date(),
            debtor=debtor(self._ground.account),
            orders=orders,
        )
        return {
            f"message_id.{row.place}": message_id,
            f"sha256.{row.place}": hashlib.sha256(content).hexdigest(),
            f"stored_as.{row.place}": store_private("files", content),
            f"count.{row.place}": str(len(orders)),
            f"total.{row.place}": str(sum(one.money.minor for one in paid)),
        }

    def _raw(self, one: _Paid) -> dict[str, object]:
        return self._pattern.raw(Disbursement)[one.place]

    def _paid(self, copies: list[Copy]) -> Iterator[_Paid]:
        for copy in copies:
            for row in self._pattern.of(Disbursement):
                raw = self._pattern.raw(Disbursement)[row.place]
                yield _Paid(copy, row.place, row, Money(raw["minor"], raw["currency"]))

    def _attempts(self) -> dict[int, int]:
        """Which attempt is of which disbursement."""
        places = self._pattern.places(Disbursement)
        return {places[raw["disbursement_id"]][0]: at for at, raw in enumerate(self._pattern.raw(Attempt))}

    def _order(self, one: _Paid, key: str) -> CreditOrder:
        reference = one.copy.said[f"rf.{one.place}"]
        return replace(
            self._orders[one.copy.local.mission.pk],
            instruction_id=key,
            end_to_end=reference,
            uetr=ids.as_uuid(key),
            money=one.money,
            remittance=reference,
        )

    def _statement(self, row: Row, copies: list[Copy], later: timedelta) -> Said:
        """The bank's statement: it opens where the account stood, and every line of it is in one copy."""
        raw = self._pattern.raw(Statement)[row.place]
        account, day = self._ground.account, raw["to_day"] + later
        lines = []
        for copy in copies:
            for place, line in self._lines(copy, day):
                lines.append(line)
                identity = first_identity(account.code, line)
                copy.said |= {
                    f"identity.{place}": identity,
                    f"line.{place}": identity[:16],
                    f"line_number.{place}": str(len(lines)),
                }
        self._statements += 1
        sheet = sheet_of(account, self._statements, self._stands_at, day, lines)
        said = _said_of(sheet, account.code, self._statements)
        self._stands_at = Money(int(said["closing_minor"]), account.currency)
        return said

    def _lines(self, copy: Copy, day: object) -> Iterator[tuple[int, LineRead]]:
        places = {raw["end_to_end"]: place for place, raw in enumerate(self._pattern.raw(Disbursement))}
        for place, raw in enumerate(self._pattern.raw(StatementLine)):
            of = places[raw["end_to_end"]]
            number, reference = copy.said[f"number.{of}"], copy.said[f"rf.{of}"]
            money = Money(-raw["minor"], raw["currency"])
            yield place, debit_line(number, reference, money, copy.said["holder"], day)  # type: ignore[arg-type]

    def _seal(self, copies: list[Copy], shared: Said) -> None:
        seals = list(self._pattern.seals.values())
        texts = [
            (one.owner % (copy.said | shared), one.words % (copy.said | shared)) for copy in copies for one in seals
        ]
        sealed = iter(seal_many(texts))
        for copy in copies:
            copy.said |= {f"seal.{place}": text for place, text in enumerate(islice(sealed, len(seals)))}


def _of_mission(local: Local) -> Said:
    payee = local.payee
    return {
        "mission": str(local.mission.pk),
        "case_worker": str(local.case_worker.pk),
        "head_of_unit": str(local.head_of_unit.pk),
        "mission_finance": str(local.mission_finance.pk),
        "payee_version": str(payee.pk),
        "payee": payee.decision_subject(),
        "fingerprint": payee.account_fingerprint,
        "payee_seal": payee.mark(),
        "holder": payee.holder_name,
    }


def _order_to(local: Local) -> CreditOrder:
    """An order to a mission's payee, but for its references and its amount."""
    blank = Disbursement(payee_version=local.payee, minor=1, currency="USD", end_to_end="RF18000000000539007547034")
    return order(blank, ids.random_key())


def _said_of(sheet: Sheet, code: str, sequence: int) -> Said:
    if sheet.opening is None or sheet.closing is None:
        raise ValueError("a statement says both balances")
    return {
        "sequence": str(sequence),
        "statement": f"STMT-{code}-{sequence}",
        "statement_id": sheet.statement_id,
        "file_sha256": digest_of(sheet),
        "content_hash": sheet.content_hash,
        "opening_minor": str(sheet.opening.minor),
        "closing_minor": str(sheet.closing.minor),
        "lines": str(len(sheet.lines)),
    }
