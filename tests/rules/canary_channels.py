"""Where a typed word could have gone: fourteen places, and what of it is found there.

The typist's own pages show it, since nothing typed is lost; what the bank must read stands in the order to it.
"""

from __future__ import annotations

import gzip
import io
import pickle
import random
import zipfile
from collections.abc import Iterable
from pathlib import Path

from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from gaf.accounts.models import User
from gaf.outbox.models import OutboxMessage
from tests.rules.walking import addresses, content_of, filled

# Whoever typed it reads it again on the page that did not take it.
THEIR_OWN_PAGE = {200, 409, 422}
EXPORTS = ("/requests/export/", "/disbursements/export/", "/reconciliation/GVA-USD/export/")


def held(words: Iterable[str], *texts: object) -> set[str]:
    """The words that stand in one of these texts."""
    whole = "\n".join(str(text) for text in texts)
    return {word for word in words if word in whole}


def bytes_with(words: Iterable[str], content: bytes) -> set[str]:
    """The words that some bytes hold, unpacked where they are packed."""
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return {word for word in words if word.encode() in content}


def tables_with(words: Iterable[str]) -> dict[str, str]:
    """Every table that holds one of the words in some column, by the word."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found |= dict.fromkeys(held(words, *(value for row in cursor.fetchall() for value in row)), table)
    return found


def files_with(words: set[str], folder: Path) -> dict[str, set[str]]:
    """The words that some file of a folder holds in its name or in its bytes, by the file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = bytes_with(words, path.read_bytes()) if path.is_file() else set()
        if inside or held(words, path):
            found[path.relative_to(folder).as_posix()] = inside | held(words, path)
    return found


def disc_with(words: set[str]) -> set[str]:
    """The file of the database and its write-ahead log, byte by byte: what was overwritten is still there."""
    name = Path(str(connection.settings_dict["NAME"]))
    return {word for path in name.parent.glob(f"{name.name}*") for word in bytes_with(words, path.read_bytes())}


def backup_with(words: set[str], folder: Path) -> set[str]:
    """A backup as the machine makes one."""
    kept = folder / "backup.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(kept)])
    return bytes_with(words, kept.read_bytes())


def queue_with(words: set[str]) -> set[str]:
    """What the outbox promised, kept or not."""
    return held(words, *OutboxMessage.objects.values_list("key", "payload", "last_error"))


def sessions_with(words: set[str]) -> set[str]:
    """Every session, unpacked."""
    return held(words, *(session.get_decoded() for session in Session.objects.all()))


def cache_with(words: set[str]) -> set[str]:
    """Everything the caches hold, keys and values."""
    stores = [getattr(cache, "_cache", {}) for cache in caches.all()]
    kept = [(key, pickle.loads(value)) for store in stores for key, value in store.items()]  # our own
    return held(words, kept)


def mails_with(words: set[str], mails: Iterable[EmailMessage]) -> set[str]:
    """Mails whole: heads, addresses, bodies and what hangs on them."""
    return held(words, *(mail.message().as_string() for mail in mails))


def exports_with(words: set[str]) -> set[str]:
    """Every list as everybody may take it with them."""
    found: set[str] = set()
    for person in User.objects.filter(is_active=True, is_system=False):
        client = Client()
        client.force_login(person)
        for address in EXPORTS:
            for kind in "csv", "xlsx":
                found |= bytes_with(words, content_of(client.get(address, {"as": kind})))
    return found


def searches_with(words: set[str]) -> set[str]:
    """What search by anything finds of a word, for everybody; the page repeats only what was asked."""
    found = set()
    for person in User.objects.filter(is_active=True, is_system=False):
        client = Client()
        client.force_login(person)
        for word in sorted(words)[:3]:
            answer = client.get("/search/", {"q": word[:-1]})
            found |= {word} & bytes_with(words, content_of(answer))
    return found


def provider_with(words: set[str], told: Iterable[object]) -> set[str]:
    """What the provider of payments was told, as its own book keeps it."""
    return held(words, *told)


class Wanderer:
    """Sends words to addresses by lot, as people by lot, and keeps every page on which something went wrong."""

    def __init__(self, words: set[str], records: dict[str, str], seed: int) -> None:
        """Nothing is sent yet; `records` are the keys that stand in addresses."""
        self.words, self.records, self.lot = sorted(words), records, random.Random(seed)
        # What a provider sends is kept as it came; nobody types there.
        self.routes = sorted(one for one in addresses().values() if not one.startswith(("cms/", "webhooks/")))
        self.clients = [Client(raise_request_exception=False)]
        for person in User.objects.filter(is_active=True, is_system=False).order_by("pk"):
            self.clients.append(Client(raise_request_exception=False))
            self.clients[-1].force_login(person)
        self.sent = 0
        self.refused: list[HttpResponse] = []

    def send(self, fields: list[str]) -> None:
        """One request: somebody, an address, and a word in each of some fields."""
        lot, client = self.lot, self.lot.choice(self.clients)
        route = lot.choice(self.routes)
        address = filled(route, _Keys(self.records))
        typed = {field: lot.choice(self.words) for field in lot.sample(fields, min(len(fields), 6))}
        answer = client.post(address, typed) if lot.random() < 0.6 else client.get(address, {"q": typed.popitem()[1]})
        self.sent += 1
        if answer.status_code not in THEIR_OWN_PAGE | {301, 302, 303, 304}:
            self.refused.append(answer)

    def errors_with(self, words: set[str]) -> set[str]:
        """The words that stand on pages that say no, or that something broke."""
        return {word for answer in self.refused for word in bytes_with(words, content_of(answer))}


class _Keys(dict[str, str]):
    """Keys for every place in an address; one nobody thought of is a number that leads nowhere."""

    def __missing__(self, name: str) -> str:
        return "1"
