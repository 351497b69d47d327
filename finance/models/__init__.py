"""What is so about money."""

from finance.models.commitments import Commitment
from finance.models.disbursements import Attempt, Disbursement, DisbursementPart
from finance.models.events import GatewayEvent, ReceivedMessage
from finance.models.files import PaymentFile
from finance.models.ledger import Balance, Journal, JournalLine, LedgerAccount
from finance.models.payees import Payee, PayeeVersion
from finance.models.rails import RailBalance, RailPace, RailPause, TopUp
from finance.models.rates import ExchangeRate
from finance.models.refunds import RefundDue
from finance.models.statements import Match, Statement, StatementLine
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
    "Payee",
    "PayeeVersion",
    "PaymentFile",
    "RailBalance",
    "RailPace",
    "RailPause",
    "Receipt",
    "ReceivedMessage",
    "RefundDue",
    "Restriction",
    "Statement",
    "StatementLine",
    "TopUp",
]
