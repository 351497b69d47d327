"""What a scene left in the database, row by row, with a word in the place of every value that a copy says itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.apps import apps
from django.db import models

from finance.models import (
    Attempt,
    Balance,
    Disbursement,
    Journal,
    PayeeVersion,
    PaymentFile,
    Statement,
    StatementLine,
)
from gaf.accounts.models import Mission, User
from gaf.decisions.models import Decision, ReferenceCounter
from gaf.demo.bulk.ready import CODE, Local
from gaf.demo.bulk.writing import Model
from gaf.sealing import unseal
from workflow.models import AssistanceRequest, Case, Person

ROOMS = ("decisions", "accounts", "outbox", "finance", "workflow", "privacy")
_COUNTED = (Balance, ReferenceCounter)  # counted in place, never copied
_LAST_PERSON = re.compile(r":(\d+)(?=:send_notice$|$)")
_CHAINED = ("number", "previous_hash", "hash", "facts_hash")


@dataclass(frozen=True)
class Text:
    """A text in which `%(word)s` stands for what a copy says itself; `%%` is a per cent sign."""

    words: str

    def __mod__(self, said: dict[str, str]) -> str:
        return self.words % said


@dataclass(frozen=True)
class Structure:
    """JSON whose strings are texts as above, and whose numbers may be `Number`."""

    value: Any


@dataclass(frozen=True)
class Number:
    """A number inside JSON that a copy says itself."""

    word: str


@dataclass(frozen=True)
class Seal:
    """A sealed text: whose it is, and what it says."""

    owner: str
    words: str


@dataclass(frozen=True)
class Row:
    """One row: its cells by name. `place` is its place among the rows of its kind; `shared` ones stand once for many
    copies, such as the file of a bank."""

    kind: Model
    shared: bool
    place: int
    cells: dict[str, Any]


def copied_models() -> list[Model]:
    """Every kind of row that a scene can leave behind."""
    kinds = apps.get_models(include_auto_created=True)
    return [kind for kind in kinds if kind._meta.app_label in ROOMS and kind not in _COUNTED]


def marks() -> dict[Model, int]:
    """How far each table is filled; what comes later belongs to the scene that is about to be played."""
    return {kind: kind._base_manager.aggregate(last=models.Max("pk"))["last"] or 0 for kind in copied_models()}


def id_word(kind: Model, place: int, shared: bool) -> str:
    """The word for the number of a row."""
    return f"{'shared.' if shared else ''}{kind._meta.db_table}.{place}"


def escaped(text: str) -> str:
    """A text of which nothing is taken for a word."""
    return text.replace("%", "%%")


class Pattern:
    """One scene, read once after it was played."""

    def __init__(self, since: dict[Model, int], home: Local) -> None:
        self._home = home
        self._raw = {kind: rows for kind, mark in since.items() if (rows := _rows_after(kind, mark))}
        self.own_texts: dict[str, str] = {}
        self.shared_texts: dict[str, str] = {}
        self.seals: dict[str, Seal] = {}
        self._find_texts()
        self._texts = {**self.own_texts, **self.shared_texts, **_of_payee(home.payee)}
        self._ids = {kind: dict(self._placed(kind)) for kind in self._raw}
        self.rows = [row for kind in self._raw for row in self._rows(kind)]

    def of(self, kind: type[models.Model], shared: bool = False) -> list[Row]:
        """The rows of one kind, in the order in which they were written."""
        return [row for row in self.rows if row.kind is kind and row.shared is shared]

    def raw(self, kind: type[models.Model]) -> list[dict[str, Any]]:
        """The rows of one kind as the scene left them."""
        return self._raw.get(kind, [])

    def places(self, kind: type[models.Model]) -> dict[int, tuple[int, bool]]:
        """Where the row with a number stands: its place, and whether it is shared."""
        return self._ids.get(kind, {})

    def _find_texts(self) -> None:
        for kind, name, word in (
            (AssistanceRequest, "reference", "reference"),
            (AssistanceRequest, "idempotency_key", "key"),
            (Attempt, "key", "attempt"),
            (Case, "key", "case"),
            (Person, "key", "person"),
            (Disbursement, "number", "number"),
            (Disbursement, "end_to_end", "rf"),
            (StatementLine, "identity", "identity"),
        ):
            for place, row in enumerate(self.raw(kind)):
                self.own_texts[str(row[name])] = f"{word}.{place}"
        for place, row in enumerate(self.raw(StatementLine)):
            self.own_texts[str(row["identity"])[:16]] = f"line.{place}"
        for place, row in enumerate(self.raw(PaymentFile)):
            for name in ("message_id", "sha256", "stored_as"):
                self.shared_texts[row[name]] = f"{name}.{place}"
        for row in self.raw(Statement):
            for name in ("statement_id", "file_sha256", "content_hash"):
                self.shared_texts[row[name]] = name
            self.shared_texts[f"STMT-{CODE}-{row['sequence']}"] = "statement"

    @cached_property
    def _known(self) -> re.Pattern[str]:
        return _any_of(self._texts)

    def _placed(self, kind: Model) -> Iterator[tuple[int, tuple[int, bool]]]:
        own, shared, counts = _any_of(self.own_texts), _any_of(self.shared_texts), [0, 0]
        for row in self._raw[kind]:
            said = " ".join(str(value) for value in row.values() if isinstance(value, (str, dict, list)))
            is_shared = bool(self.shared_texts) and bool(shared.search(said)) and not own.search(said)
            yield row[_pk(kind)], (counts[is_shared], is_shared)
            counts[is_shared] += 1

    def _rows(self, kind: Model) -> Iterator[Row]:
        for raw in self._raw[kind]:
            place, shared = self._ids[kind][raw[_pk(kind)]]
            cells = {name: self._cell(kind, name, raw, place, shared) for name in raw}
            yield Row(kind, shared, place, cells)

    def _cell(self, kind: Model, name: str, raw: dict[str, Any], place: int, shared: bool) -> Any:
        value, column = raw[name], _field(kind, name)
        if name == _pk(kind):
            return Text(f"%({id_word(kind, place, shared)})s")
        if value is None:
            return None
        if kind in (Decision, Journal) and name in _CHAINED:
            return Text(f"%({name}.{kind._meta.db_table}.{'s' if shared else 'o'}{place})s")
        if kind is Journal and name == "posted":
            return False  # a journal is written as a draft
        if kind is Statement and name in ("sequence", "bank_number", "opening_minor", "closing_minor"):
            return Text(f"%({'sequence' if name == 'bank_number' else name})s")
        if kind is StatementLine and name == "number":
            return Text(f"%(line_number.{place})s")
        if kind is PaymentFile and name == "count":
            return Text(f"%(count.{place})s")
        return self._number(kind, name, value) or self._other(column, raw, value)

    def _number(self, kind: Model, name: str, value: Any) -> Text | None:
        """The word for a row's number, a mission's or a person's, where the cell holds one."""
        target = _target(kind, name)
        word = self._word_for(target, value) if target is not None else ""
        return Text(f"%({word})s") if word else None

    def _word_for(self, target: Model, value: int) -> str:
        placed = self.places(target).get(value)
        if placed is not None:
            return id_word(target, *placed)
        home = self._home
        if target is Mission and value == home.mission.pk:
            return "mission"
        if target is PayeeVersion and value == home.payee.pk:
            return "payee_version"
        people = {home.case_worker.pk: "case_worker", home.head_of_unit.pk: "head_of_unit"}
        people[home.mission_finance.pk] = "mission_finance"
        return people.get(value, "") if target is User else ""

    def _other(self, column: models.Field[Any, Any], raw: dict[str, Any], value: Any) -> Any:
        if isinstance(column, models.JSONField):
            return Structure(self._structure(value, raw))
        if isinstance(value, str):
            return self._sealed(value) if value.startswith("s1:") else self.text(value)
        return value

    def text(self, value: str) -> Text:
        """A text with words in the place of whatever the scene is known by."""
        parts = self._known.split(value)
        said = [f"%({self._texts[part]})s" if part in self._texts else escaped(part) for part in parts]
        return Text(self._last_person("".join(said)))

    def _last_person(self, words: str) -> str:
        """Notices end their keys with whom they tell."""
        found = _LAST_PERSON.search(words)
        word = self._word_for(User, int(found.group(1))) if found else ""
        return words[: found.start()] + f":%({word})s" + words[found.end() :] if found and word else words

    def _sealed(self, value: str) -> Text:
        if value not in self.seals:
            owner = self.text(value.split(":", 2)[1]).words
            self.seals[value] = Seal(owner, self.text(unseal(value)).words)
        return Text(f"%(seal.{list(self.seals).index(value)})s")

    def _structure(self, value: Any, raw: dict[str, Any], key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._structure(one, raw, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self._structure(one, raw) for one in value]
        if isinstance(value, str):
            return self.text(value)
        return self._inner_number(key, value, raw) or value

    def _inner_number(self, key: str, value: Any, raw: dict[str, Any]) -> Number | None:
        kinds: dict[str, Model] = {"attempt": Attempt, "person": User, "mission": Mission}
        if key == "journal":
            numbers = {row["number"]: row["id"] for row in self.raw(Journal)}
            place, _shared = self.places(Journal)[numbers[value]]
            return Number(f"number.{Journal._meta.db_table}.o{place}")
        if raw.get("act") == "import_statement":
            return Number({"opening": "opening_minor", "closing": "closing_minor", "lines": "lines"}[key])
        if raw.get("act") == "prepare_file" or "totals" in raw:
            file = raw.get("subject") or raw.get("message_id")
            return Number(f"{'count' if key == 'count' else 'total'}.{self.shared_texts[str(file)].split('.')[1]}")
        word = self._word_for(kinds[key], value) if key in kinds else ""
        return Number(word) if word else None


def _any_of(texts: dict[str, str]) -> re.Pattern[str]:
    """Finds each of these, the longer ones first; never a part of a longer word or number."""
    longest_first = sorted(map(re.escape, texts), key=len, reverse=True)
    return re.compile(rf"(?<![0-9A-Za-z])({'|'.join(longest_first) or '(?!)'})(?![0-9A-Za-z])")


def _of_payee(payee: PayeeVersion) -> dict[str, str]:
    return {
        payee.decision_subject(): "payee",
        payee.account_fingerprint: "fingerprint",
        payee.mark(): "payee_seal",
        payee.holder_name: "holder",
    }


def _pk(kind: Model) -> str:
    return str(kind._meta.pk.attname)


def _field(kind: Model, name: str) -> models.Field[Any, Any]:
    return next(one for one in kind._meta.concrete_fields if one.attname == name)


def _target(kind: Model, name: str) -> Model | None:
    """Whose number a column holds: the other side of a key, or, in a version that is kept, the row it is one of."""
    column = _field(kind, name)
    if column.is_relation:
        return cast(Model, column.related_model)
    kept = getattr(kind, "instance_type", None)
    return cast(Model, kept) if kept is not None and name == kept._meta.pk.attname else None


def _rows_after(kind: Model, mark: int) -> list[dict[str, Any]]:
    names = [one.attname for one in kind._meta.concrete_fields]
    return list(kind._base_manager.filter(pk__gt=mark).order_by("pk").values(*names))
