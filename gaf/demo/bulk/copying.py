"""Copies of a scene, many at a time: new references, keys, seals and hashes; one file of the bank for all of them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import F

from finance.actions.files import debtor, order
from finance.actions.statement_plan import first_identity
from finance.actions.statement_sheets import LineRead, Sheet
from finance.chain import chain_of
from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.gateways.bank_file.orders import CreditOrder
from finance.models import Attempt, Balance, Disbursement, Journal, JournalLine, PaymentFile, Statement, StatementLine
from finance.private_files import store_private
from gaf import ids
from gaf.decisions.models import Decision
from gaf.decisions.record import lock_the_books, sha256
from gaf.demo.bulk.compiled import Chain, Compiled, Said
from gaf.demo.bulk.pattern import Pattern, Row, id_word
from gaf.demo.bulk.ready import Ground, Local
from gaf.demo.bulk.scene import debit_line, digest_of, sheet_of
from gaf.demo.bulk.writing import Model, dialect, next_id, plan_once, took_ids_until, write
from gaf.ids import keys_without_end
from gaf.money import Money
from gaf.references import issue_many, rf_reference
from gaf.sealing import seal_many

AT_ONCE = 50  # scenes in one transaction
# What guards of other rows look at is written first.
_FIRST = (
    "decisions_decision",
    "finance_journal",
    "finance_paymentfile",
    "finance_statement",
    "finance_disbursement",
    "finance_statementline",
    "workflow_case",
    "workflow_assistancerequest",
)


@dataclass
class Copy:
    """One copy: the mission it is of, and what it says where the scene had words."""

    local: Local
    said: Said


@dataclass
class _Paid:
    """What one copy's disbursement is to the bank."""

    copy: Copy
    place: int
    row: Row
    money: Money


class Copier:
    """Writes one scene again and again, each time as much later as it is told."""

    def __init__(self, ground: Ground, pattern: Pattern, seed: int) -> None:
        self._ground, self._pattern, self._seed = ground, pattern, seed
        self._compiled: dict[timedelta, Compiled] = {}
        self._next = {kind: next_id(kind) for kind in {row.kind for row in pattern.rows}}
        self._orders = {local.mission.pk: _order_to(local) for local in ground.missions}
        self._balances = _moved_by(pattern)
        self._holders = {local.mission.pk: local.payee.holder_name for local in ground.missions}
        self._seals_of_payee = {local.mission.pk: local.payee.mark() for local in ground.missions}

    @transaction.atomic
    def write(self, locals_of_copies: list[Local], later: timedelta) -> None:
        """One transaction of copies, one for each mission named, all of them so much later than the scene."""
        lock_the_books()
        plan_once()
        compiled = self._at(later)
        copies = [Copy(local, self._of_mission(local)) for local in locals_of_copies]
        self._name(copies, later)
        shared = self._share(copies, later)
        self._seal(copies, shared)
        self._keep(compiled, copies, shared)

    def _at(self, later: timedelta) -> Compiled:
        if later not in self._compiled:
            self._compiled = {later: Compiled(self._pattern, dialect(), later)}
        return self._compiled[later]

    def _of_mission(self, local: Local) -> Said:
        payee = local.payee
        return {
            "mission": str(local.mission.pk),
            "case_worker": str(local.case_worker.pk),
            "head_of_unit": str(local.head_of_unit.pk),
            "mission_finance": str(local.mission_finance.pk),
            "payee_version": str(payee.pk),
            "payee": payee.decision_subject(),
            "fingerprint": payee.account_fingerprint,
            "payee_seal": self._seals_of_payee[local.mission.pk],
            "holder": self._holders[local.mission.pk],
        }

    def _name(self, copies: list[Copy], later: timedelta) -> None:
        """References in their order, keys that nobody else has, and the numbers of rows."""
        words = list(self._pattern.own_texts.values())
        year = (self._ground.begins + later).year
        for kind, prefix in (("reference", "GAF"), ("number", "P")):
            each = sum(word.startswith(f"{kind}.") for word in words)
            issued = iter(issue_many(prefix, year, each * len(copies)))
            for copy in copies:
                copy.said |= {f"{kind}.{place}": name for place, name in enumerate(islice(issued, each))}
        for copy in copies:
            self._key(copy, words)
        self._take_ids(copies)

    def _key(self, copy: Copy, words: list[str]) -> None:
        begins = f"{self._seed}:{copy.said['reference.0']}"
        spoken = keys_without_end(begins)
        for word in words:
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

    # What stands once for all copies of a transaction

    def _share(self, copies: list[Copy], later: timedelta) -> Said:
        shared: Said = {}
        for kind in self._next:
            for row in self._pattern.of(kind, shared=True):
                shared[id_word(kind, row.place, shared=True)] = str(self._next[kind])
                self._next[kind] += 1
        for row in self._pattern.of(PaymentFile, shared=True):
            shared |= self._file(row, copies, later)
        for row in self._pattern.of(Statement, shared=True):
            shared |= self._statement(row, copies, later)
        return shared

    def _file(self, row: Row, copies: list[Copy], later: timedelta) -> Said:
        """The bytes for the bank, of every disbursement in it."""
        raw = self._pattern.raw(PaymentFile)[row.place]
        paid = [one for one in self._paid(copies) if self._raw(one)["payment_file_id"] == raw["id"]]
        attempts = self._attempts()
        orders = [self._order(one, one.copy.said[f"attempt.{attempts[one.place]}"]) for one in paid]
        at: datetime = raw["prepared_at"] + later
        message_id = issue_many("FILE", at.year, 1)[0]
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
        sequence = Statement.objects.filter(bank_account=account).count() + 1
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
        sheet = sheet_of(account, sequence, self._stands_at(), day, lines)
        return _said_of(sheet, account.code, sequence)

    def _stands_at(self) -> Money:
        return chain_of(self._ground.account).balance

    def _lines(self, copy: Copy, day: object) -> Iterator[tuple[int, LineRead]]:
        places = {raw["end_to_end"]: place for place, raw in enumerate(self._pattern.raw(Disbursement))}
        for place, raw in enumerate(self._pattern.raw(StatementLine)):
            of = places[raw["end_to_end"]]
            number, reference = copy.said[f"number.{of}"], copy.said[f"rf.{of}"]
            money = Money(-raw["minor"], raw["currency"])
            yield place, debit_line(number, reference, money, copy.said["holder"], day)  # type: ignore[arg-type]

    # Seals, rows, balances

    def _seal(self, copies: list[Copy], shared: Said) -> None:
        seals = list(self._pattern.seals.values())
        texts = [
            (one.owner % (copy.said | shared), one.words % (copy.said | shared)) for copy in copies for one in seals
        ]
        sealed = iter(seal_many(texts))
        for copy in copies:
            copy.said |= {f"seal.{place}": text for place, text in enumerate(islice(sealed, len(seals)))}

    def _keep(self, compiled: Compiled, copies: list[Copy], shared: Said) -> None:
        """Decisions first, chained as they are written; while the database takes them in, the next ones are made."""
        before, ends = next_id(Journal), _ends()
        for kind in sorted(self._next, key=_place):
            own = (
                _chained(compiled, copies, shared, *ends)
                if kind is Decision
                else _filled(compiled, kind, copies, shared)
            )
            write(kind, own)
            took_ids_until(kind, self._next[kind] - 1)
            if kind is JournalLine:
                Journal.objects.filter(pk__gte=before).update(posted=True)
        for balance, minor in self._balances.items():
            Balance.objects.filter(pk=balance).update(minor=F("minor") + minor * len(copies))


def _chained(compiled: Compiled, copies: list[Copy], shared: Said, decisions: Chain, journals: Chain) -> Iterator[str]:
    """The decisions of each copy, once they and its journals are numbered and hashed; the copy learns what came out."""
    compiled.chain(shared, decisions, journals, shared=True)
    yield compiled.texts[True].get(Decision, "") % shared
    for copy in copies:
        copy.said |= shared
        compiled.chain(copy.said, decisions, journals)
        yield compiled.texts[False].get(Decision, "") % copy.said


def _filled(compiled: Compiled, kind: Model, copies: list[Copy], shared: Said) -> Iterator[str]:
    """The rows of one kind: those that stand once, then those of each copy."""
    yield compiled.texts[True].get(kind, "") % shared
    own = compiled.texts[False].get(kind, "")
    for copy in copies:
        yield own % copy.said


def _place(kind: Model) -> tuple[int, str]:
    table = kind._meta.db_table
    return (_FIRST.index(table) if table in _FIRST else len(_FIRST), table)


def _ends() -> tuple[Chain, Chain]:
    decision = Decision.objects.order_by("-number").first()
    journal = Journal.objects.order_by("-number").first()
    return (
        Chain(decision.number, decision.hash) if decision else Chain(),
        Chain(journal.number, journal.hash) if journal else Chain(),
    )


def _moved_by(pattern: Pattern) -> dict[int, int]:
    """What one copy moves each running balance by, in minor units."""
    sums: dict[tuple[int, int | None], int] = defaultdict(int)
    for raw in pattern.raw(JournalLine):
        sums[(raw["account_id"], raw["stream_id"])] += raw["minor"]
    rows = {(one.account_id, one.stream_id): one.pk for one in Balance.objects.all()}
    return {rows[place]: minor for place, minor in sums.items() if minor}


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
