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
from finance.models.statements import Statement, StatementLine
from finance.models.streams import BankAccount, FundingStream, Receipt, Restriction

__all__ = [
    "Attempt",
    "Balance",
    "BankAccount",
    "Commitment",
    "Disbursement",
    "DisbursementPart",
    "ExchangeRate",
    "FundingStream",
    "GatewayEvent",
    "Journal",
    "JournalLine",
    "LedgerAccount",
    "Match",
    "MatchRule",
    "Payee",
    "PayeeVersion",
    "PaymentFile",
    "Proposal",
    "Receipt",
    "RefundDue",
    "Restriction",
    "Statement",
    "StatementLine",
]
