"""Files made to mislead, to read other files, or to wear a reader out: what must be refused, and with which rule.

Nothing here is kept on disk; each file is made when it is asked for. Two are not refused: formulas in a text are text.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    """One file: what it tries, its bytes, and the rule that must refuse it; empty where it is kept as harmless text."""

    name: str
    content: bytes
    rule: str


_HEAD = "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt><Id>S-1</Id>"
_ACCOUNT = "<Acct><Id><IBAN>CH9300762011623852957</IBAN></Id><Ccy>USD</Ccy></Acct>"
_TAIL = "</Stmt></BkToCstmrStmt></Document>"


def _balance(code: str, amount: str, direction: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='USD'>{amount}</Amt>"
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>"
    )


def _entry(amount: str = "1.00", *, day: str = "2026-11-23", currency: str = "USD", inside: str = "") -> str:
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{inside}</Ntry>"
    )


def _camt(*parts: str, before: str = "") -> str:
    ends = _balance("OPBD", "0.00") + _balance("CLBD", "1.00")
    return f"{before}{_HEAD}{_ACCOUNT}{ends}{''.join(parts or (_entry(),))}{_TAIL}"


def _mt940(*, line: str = "2611231123C1,00NMSCX//B1", closing: str = "C261123USD1,00", text: str = "ok") -> str:
    return f":20:A\n:25:CH93\n:28C:1/1\n:60F:C261123USD0,00\n:61:{line}\n:86:{text}\n:62F:{closing}\n-\n"


def _ofx(*, amount: str = "-1.00", day: str = "20261123", end: str = "</OFX>", text: str = "ok") -> str:
    return (
        "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM><BANKTRANLIST>"
        f"<STMTTRN><DTPOSTED>{day}<TRNAMT>{amount}<FITID>1<MEMO>{text}</STMTTRN></BANKTRANLIST></STMTRS>{end}"
    )


def _bai2(*, amount: str = "100", code: str = "142", day: str = "261123", trailer: str = "99,200,1,6/") -> str:
    return (
        f"01,A,B,261123,0000,1,,,2/\n02,B,A,1,{day},,USD,2/\n03,1,USD,015,100,,/\n16,{code},{amount},,X,Y,T/\n"
        f"49,200,3/\n98,200,1,5/\n{trailer}"
    )


def _laughs(levels: int) -> str:
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, levels))
    return f"<!DOCTYPE D [<!ENTITY l0 'ha'>{entities}]>"


def _zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def hostile_files() -> Iterator[Hostile]:
    """Every file, in the order of what it tries."""
    for name, content, rule in (*_entities(), *_shapes(), *_encodings(), *_other_kinds(), *_numbers(), *_texts()):
        yield Hostile(name, content if isinstance(content, bytes) else content.encode(), rule)


Made = Iterator[tuple[str, bytes | str, str]]


def _entities() -> Made:
    outside = "<!DOCTYPE D [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
    yield "an entity that reads a file", _camt(_entry("&x;"), before=outside), "STMT-03"
    yield "an entity from the network", _camt(before="<!DOCTYPE D SYSTEM 'http://127.0.0.1:1/x.dtd'>"), "STMT-03"
    yield "a parameter entity", _camt(before="<!DOCTYPE D [<!ENTITY % p SYSTEM 'file:///x'>%p;]>"), "STMT-03"
    yield "an entity in an amount", _camt(_entry("1&y;"), before="<!DOCTYPE D [<!ENTITY y '0'>]>"), "STMT-03"
    yield "a bomb of entities", _camt(_entry("&l9;"), before=_laughs(10)), "STMT-03"
    yield (
        "one entity, quadratic",
        _camt(_entry("&a;" * 500), before=f"<!DOCTYPE D [<!ENTITY a '{'a' * 5000}'>]>"),
        "STMT-03",
    )
    yield "a document type in small letters", _camt(before="<!doctype D>"), "STMT-03"
    yield "a document type with a gap", _camt(before="<! DOCTYPE D>"), "STMT-03"
    yield "a document type in UTF-16", _camt(before="<!DOCTYPE D>").encode("utf-16"), "STMT-03"
    yield "a document type in UTF-16 without its mark", _camt(before="<!DOCTYPE D>").encode("utf-16-le"), "STMT-03"
    yield "an entity nobody declared", _camt(_entry("&nothing;")), "STMT-05"
    yield "an entity in OFX", _ofx(text="&x;").replace("<OFX>", "<!DOCTYPE x [<!ENTITY x 'y'>]><OFX>"), "STMT-03"
    yield "a document type in a status report", "<!DOCTYPE D><Document><CstmrPmtStsRpt/></Document>", "STMT-03"


def _shapes() -> Made:
    yield "seventy levels", _camt("<x>" * 70 + "</x>" * 70), "STMT-06"
    yield "two hundred thousand levels", _camt("<x>" * 200_000), "STMT-06"
    yield "an entry that never ends", _camt("<Ntry>"), "STMT-05"
    yield "a file that breaks off", _camt()[:-30], "STMT-05"
    yield "two roots", _camt() + _camt(), "STMT-05"
    yield "a file of two messages", _camt().replace("</Document>", "<BkToCstmrAcctRpt/></Document>"), "STMT-07"
    yield "a payment file", "<Document><CstmrCdtTrfInitn/></Document>", "STMT-07"
    yield "a page of a website", "<html><body><form>Sign in</form></body></html>", "STMT-07"
    yield "a statement without an account", f"{_HEAD}{_entry()}{_TAIL}", "STMT-10"
    yield "no statement", "<Document><BkToCstmrStmt/></Document>", "STMT-08"
    yield "one statement twice", _camt().replace(_TAIL, f"</Stmt>{_camt().partition('<BkToCstmrStmt>')[2]}"), "STMT-09"
    yield "an amount given twice", _camt(_entry("1.00</Amt><Amt Ccy='USD'>9.00")), "STMT-23"
    yield "elements inside an amount", _camt(_entry("1<b>0</b>0")), "STMT-24"
    yield "two opening balances", _camt(_balance("OPBD", "5.00"), _entry()), "STMT-17"
    yield "an MT940 line of its own", ":61:2611231123C1,00NMSCX\n:86:x\n", "STMT-08"
    yield "an MT940 without an account", _mt940().replace(":25:CH93\n", ""), "STMT-10"
    yield "an OFX that breaks off", _ofx(end=""), "STMT-05"
    yield "a BAI2 that breaks off", _bai2(trailer=""), "STMT-05"
    yield "a BAI2 that continues nothing", "01,A,B/\n88,x\n02,B".replace("01,A,B/\n", "") + "", "STMT-07"


def _encodings() -> Made:
    yield "nothing", b"", "STMT-01"
    yield "only zero bytes", b"\x00" * 64, "STMT-01"
    yield "an encoding that hides", "<?xml version='1.0' encoding='UTF-7'?>" + _camt(), "STMT-04"
    yield "an encoding of mainframes", _camt().encode("cp037"), "STMT-07"
    yield "UTF-16 that breaks off", b"\xff\xfe" + _mt940().encode("utf-16-le")[:-1], "STMT-04"
    yield "zero bytes in an MT940", _mt940().replace("ok", "a\x00b"), "STMT-04"
    yield "zero bytes in an amount", _camt(_entry("1\x00.00")), "STMT-05"
    yield (
        "broken UTF-8 in XML",
        _camt(_entry(inside="<NtryRef>X</NtryRef>")).encode().replace(b">X<", b">\xff\xfe<"),
        "STMT-05",
    )
    yield "control characters in XML", _camt(_entry(inside="<NtryRef>&#1;</NtryRef>")), "STMT-05"


def _other_kinds() -> Made:
    yield "a ZIP instead of a statement", _zipped("statement.xml", _camt().encode()), "STMT-04"
    yield "a ZIP bomb", _zipped("statement.xml", b"0" * 20_000_000), "STMT-04"
    yield "a gzip bomb", gzip.compress(b"0" * 20_000_000), "STMT-04"
    yield "a PDF", b"%PDF-1.7\n" + b"0" * 1000, "STMT-04"
    yield "a workbook of old Excel", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "STMT-04"
    yield "a program", b"\x7fELF" + b"\x01" * 100, "STMT-04"
    yield "plain words", "Dear colleague, the statement follows by post.", "STMT-07"
    yield "JSON", '{"statement": []}', "STMT-07"


def _numbers() -> Made:
    for amount in (
        "NaN",
        "Infinity",
        "1E+9",
        "-5.00",
        "+5.00",
        "0x10",
        "12,50",
        "1 000.00",
        "\uff11\uff12.50",
        "12..34",
        "",
    ):
        yield f"the amount “{amount}”", _camt(_entry(amount)), "STMT-11"
    yield "an amount of twenty digits", _camt(_entry("9" * 20)), "STMT-11"
    yield "an amount of a million digits", _camt(_entry("9" * 1_000_000)), "STMT-22"
    yield "an amount without a currency", _camt(_entry(currency="")), "STMT-13"
    yield "30 February", _camt(_entry(day="2026-02-30")), "STMT-18"
    yield "a day in full-width digits", _camt(_entry(day="\uff12\uff10\uff12\uff16-11-23")), "STMT-18"
    yield "an amount of MT940 with an exponent", _mt940(line="2611231123C1E9,NMSCX"), "STMT-10"
    yield "an amount of MT940 with two commas", _mt940(line="2611231123C1,0,0NMSCX"), "STMT-11"
    yield "an MT940 balance on 31 November", _mt940(closing="C261131USD1,00"), "STMT-18"
    yield "an MT940 balance of full-width digits", _mt940(closing="C261123USD\uff11,00"), "STMT-10"
    yield "an amount of OFX with a currency sign", _ofx(amount="$120"), "STMT-11"
    yield "an amount of OFX that is no number", _ofx(amount="NaN"), "STMT-11"
    yield "a month of OFX that is no month", _ofx(day="20261323"), "STMT-18"
    yield "an amount of BAI2 with an exponent", _bai2(amount="1E9"), "STMT-11"
    yield "a BAI2 type that is neither", _bai2(code="999"), "STMT-19"
    yield "a day of BAI2 that is no day", _bai2(day="260230"), "STMT-18"


def _texts() -> Made:
    yield "a reference of a thousand letters", _camt(_entry(inside=f"<NtryRef>{'r' * 1000}</NtryRef>")), "STMT-22"
    yield "an MT940 line of a million letters", _mt940(text="x" * 1_000_000), "STMT-22"
    yield "an OFX text of a million letters", _ofx(text="x" * 1_000_000), "STMT-22"
    yield "a BAI2 line of a million letters", _bai2().replace(",T/", f",{'x' * 1_000_000}/"), "STMT-22"
    formula = "=HYPERLINK(&quot;http://x&quot;)"
    inside = f"<NtryDtls><TxDtls><RmtInf><Ustrd>{formula}</Ustrd></RmtInf></TxDtls></NtryDtls>"
    yield "a formula in a remittance text", _camt(_entry(inside=inside)), ""
    yield "a formula in an MT940 text", _mt940(text="=cmd|' /C calc'!A0"), ""
