"""What is so about money."""

from finance.models.agreements import Agreement, Pledge
from finance.models.commitments import Commitment
from finance.models.disbursements import Attempt, Disbursement, DisbursementPart
from finance.models.events import GatewayEvent, ReceivedMessage
from finance.models.files import PaymentFile
from finance.models.ledger import Balance, Journal, JournalLine, LedgerAccount
from finance.models.matching import Match, MatchRule, Proposal
from finance.models.payees import Payee, PayeeVersion
from finance.models.periods import AccountingPeriod, PeriodException
from finance.models.rails import RailBalance, RailPace, RailPause, TopUp
from finance.models.rate_lists import RateList
from finance.models.rates import ExchangeRate
from finance.models.refunds import RefundDue
from finance.models.screening import SanctionsEntry, SanctionsList, Screening, ScreeningHit
from finance.models.statements import Statement, StatementLine
from finance.models.streams import BankAccount, FundingStream, Receipt, Restriction
from finance.models.year_end import CommitmentReview

__all__ = [
    "AccountingPeriod",
    "Agreement",
    "Attempt",
    "Balance",
    "BankAccount",
    "Commitment",
    "CommitmentReview",
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
    "PeriodException",
    "Pledge",
    "Proposal",
    "RailBalance",
    "RailPace",
    "RailPause",
    "RateList",
    "Receipt",
    "ReceivedMessage",
    "RefundDue",
    "Restriction",
    "SanctionsEntry",
    "SanctionsList",
    "Screening",
    "ScreeningHit",
    "Statement",
    "StatementLine",
    "TopUp",
]
