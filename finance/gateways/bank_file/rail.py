"""The payment port over files in the bank's folder: a signed file is put there whole, and what comes back is read."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from finance.gateways.bank_file.answers import BankAnswer, answers_about
from finance.gateways.port import (
    Accepted,
    Answer,
    BroughtBack,
    Found,
    Instruction,
    NotFound,
    ProviderState,
    ProviderStatus,
    Quote,
    Refused,
    SignedFile,
    Then,
    Unknown,
)
from finance.private_files import write_whole
from gaf.money import Money


class BankFileRail:
    """The bank's folder: files go into `in/`, the bank's answers (pain.002) lie in `out/`.

    One file carries many instructions; handing the first over hands over all of them, and the same bytes under the
    same name are one file however often they are put there.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)

    def quote(self, instruction: Instruction) -> Quote | Refused | Unknown:
        """The bank tells its fee on the statement, not before."""
        if instruction.file is None:
            return Refused("no_file", _("It lies in no signed file."))
        return Quote(instruction.money)

    def funds(self, currency: str) -> Money | Unknown | None:
        """A folder knows no balance."""
        return None

    def create(
        self, instruction: Instruction, *, first_called_at: datetime | None, now: datetime, asked_before: bool = False
    ) -> Answer:
        """Put the signed file where the bank fetches it. A file of that name with other bytes is never written over."""
        if instruction.file is None:
            return Refused("no_file", _("It lies in no signed file."))
        seen = self.find(instruction)
        if isinstance(seen, Unknown):
            return seen
        if isinstance(seen, NotFound):
            try:
                write_whole(self._path(instruction.file), instruction.file.content)
            except OSError:
                return Unknown(_("The bank's folder could not be written."), code="folder_not_written")
        return Accepted(instruction.file.name)

    def find(self, instruction: Instruction) -> Found | NotFound | Unknown:
        """Look for the file in the bank's folder, and for an answer of the bank that names it."""
        file = instruction.file
        if file is None:
            return NotFound()
        answer = self._answer(instruction, file.name)
        if answer is not None:
            return Found(file.name, answer.status, instruction.money)
        path = self._path(file)
        try:
            lies_there = path.read_bytes()
        except FileNotFoundError:
            return NotFound()
        except OSError:
            return Unknown(_("The bank's folder could not be read."), code="folder_not_read")
        if lies_there != file.content:
            words = _("A file of this name with other bytes lies in the bank's folder.")
            return Unknown(words, code="other_bytes", then=Then.CALL_A_PERSON)
        return Found(file.name, ProviderStatus.PENDING, instruction.money)

    def keys_out(self, instruction: Instruction) -> tuple[str, ...] | Unknown:
        """The orders for this reference in files that were handed over, by the keys that stand in them."""
        reference = re.escape(instruction.end_to_end.encode())
        order = re.compile(rb"<InstrId>([0-9a-zA-Z-]+)</InstrId>\s*<EndToEndId>" + reference + rb"</EndToEndId>")
        try:
            files = [path.read_bytes() for path in sorted((self._folder / "in").glob("*.xml"))]
        except OSError:
            return Unknown(_("The bank's folder could not be read."), code="folder_not_read")
        return tuple(key.decode() for content in files for key in order.findall(content))

    def status(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """What the bank answered; pending while it has the file and said nothing. Only a statement confirms."""
        answer = self._answer(instruction, provider_ref)
        if answer is not None:
            return ProviderState(provider_ref, answer.status, instruction.money, failure_code=answer.reason)
        seen = self.find(instruction)
        if isinstance(seen, Found):
            return ProviderState(provider_ref, seen.status, seen.money)
        return seen

    def cancel(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Only a file that was never handed over is stopped: from then on the bank may have fetched it."""
        seen = self.find(instruction)
        if isinstance(seen, NotFound):
            return ProviderState(provider_ref, ProviderStatus.CANCELED, instruction.money)
        return self.status(instruction, provider_ref)

    def bring_back(self, instruction: Instruction, *, attempt: int = 1) -> BroughtBack | Refused | Unknown:
        """A bank returns money by itself, and its statement says so."""
        return Refused("comes_by_statement", _("The bank's statement will show the money when it is back."))

    def _path(self, file: SignedFile) -> Path:
        return self._folder / "in" / f"{file.name}.xml"

    def _answer(self, instruction: Instruction, message_id: str) -> BankAnswer | None:
        return answers_about(self._folder / "out", message_id, instruction.end_to_end)
