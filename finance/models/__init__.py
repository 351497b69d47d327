"""What is so about money."""

from finance.models.commitments import Commitment
from finance.models.disbursements import Attempt, Disbursement, DisbursementPart
from finance.models.events import GatewayEvent
from finance.models.files import PaymentFile
from finance.models.ledger import Balance, Journal, JournalLine, LedgerAccount
from finance.models.matching import Match, MatchRule, Proposal
from finance.models.payees import Payee, PayeeVersion
from finance.models.rates import ExchangeRate
from finance.models.refunds import RefundDue
from finance.models.statement_details import LineDetail, PendingLine, RepeatedLine
from finance.models.statement_files import CsvMapping, StatementFile
from finance.models.statements import Statement, StatementLine
from finance.models.status_reports import StatusItem, StatusReport
from finance.models.streams import BankAccount, FundingStream, Receipt, Restriction

__all__ = [
    "Attempt",
    "Balance",
    "BankAccount",
    "Commitment",
    "CsvMapping",
    "Disbursement",
    "DisbursementPart",
    "ExchangeRate",
    "FundingStream",
    "GatewayEvent",
    "Journal",
    "JournalLine",
    "LedgerAccount",
    "LineDetail",
    "Match",
    "MatchRule",
    "Payee",
    "PayeeVersion",
    "PaymentFile",
    "PendingLine",
    "Proposal",
    "Receipt",
    "RefundDue",
    "RepeatedLine",
    "Restriction",
    "Statement",
    "StatementFile",
    "StatementLine",
    "StatusItem",
    "StatusReport",
]
