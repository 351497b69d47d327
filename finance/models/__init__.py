"""What is so about money."""

from finance.models.acceptances import Acceptance
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
from finance.models.statement_details import LineDetail, PendingLine, RepeatedLine
from finance.models.statement_files import CsvMapping, StatementFile
from finance.models.statements import Statement, StatementLine
from finance.models.status_reports import StatusItem, StatusReport
from finance.models.streams import BankAccount, FundingStream, Receipt, Restriction
from finance.models.stripe_payouts import PayoutMovement, ProviderPayout
from finance.models.tranches import Tranche
from finance.models.write_offs import WriteOff
from finance.models.year_end import CommitmentReview

__all__ = [
    "Acceptance",
    "AccountingPeriod",
    "Agreement",
    "Attempt",
    "Balance",
    "BankAccount",
    "Commitment",
    "CommitmentReview",
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
    "PayoutMovement",
    "PendingLine",
    "PeriodException",
    "Pledge",
    "Proposal",
    "ProviderPayout",
    "RailBalance",
    "RailPace",
    "RailPause",
    "RateList",
    "Receipt",
    "ReceivedMessage",
    "RefundDue",
    "RepeatedLine",
    "Restriction",
    "SanctionsEntry",
    "SanctionsList",
    "Screening",
    "ScreeningHit",
    "Statement",
    "StatementFile",
    "StatementLine",
    "StatusItem",
    "StatusReport",
    "TopUp",
    "Tranche",
    "WriteOff",
]
