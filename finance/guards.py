"""What the database refuses about money, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from finance.matching_guards import MATCHING
from gaf.guards import Guard, append_only, guard, state_follows_decision

_POSTED = "(SELECT j.posted FROM finance_journal j WHERE j.id = {row}.journal_id)"
_NEWEST = "FROM finance_journal j WHERE j.id <> NEW.id ORDER BY j.number DESC LIMIT 1"
_NEWEST_INSERT = "FROM finance_journal j ORDER BY j.number DESC LIMIT 1"
_UNBALANCED = (
    "EXISTS (SELECT 1 FROM finance_journalline l WHERE l.journal_id = NEW.id GROUP BY l.currency "
    "HAVING SUM(l.minor) <> 0) OR (SELECT COUNT(*) FROM finance_journalline l WHERE l.journal_id = NEW.id) < 2"
)
_SHUT = (
    "EXISTS (SELECT 1 FROM finance_accountingperiod p WHERE p.month = {month} AND (p.state = 'CLOSED' "
    "OR (p.state = 'SOFT_CLOSED' AND NOT EXISTS (SELECT 1 FROM finance_periodexception e "
    "WHERE e.id = NEW.exception_id AND e.period_id = p.id AND e.state = 'APPROVED' AND e.until >= NEW.at))))"
)
_PERIOD_KEY = "'PERIOD-' || substr(CAST(NEW.month AS varchar(10)), 1, 7)"
_ITS_PERIOD = (
    "SELECT 'PERIOD-' || substr(CAST(p.month AS varchar(10)), 1, 7) "
    "FROM finance_accountingperiod p WHERE p.id = NEW.period_id"
)
_OTHER_CURRENCY = "NEW.currency <> (SELECT a.currency FROM finance_ledgeraccount a WHERE a.id = NEW.account_id)"


def _frozen(table: str, code: str, columns: list[str]) -> Guard:
    """These columns never change once written."""
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)
    return guard(
        f"{table}_frozen", table, "BEFORE UPDATE", f"{code}: recorded facts of {table} are not edited.", changed
    )


def _kept(table: str, code: str) -> Guard:
    return guard(f"{table}_kept", table, "BEFORE DELETE", f"{code}: {table} is not removed.", "1 = 1")


JOURNAL = [
    guard(
        "finance_journal_draft_first",
        "finance_journal",
        "BEFORE INSERT",
        "LEDGER-01: a journal is written as a draft, then posted.",
        "NEW.posted <> 0",
        "NEW.posted",
    ),
    guard(
        "finance_journal_gapless",
        "finance_journal",
        "BEFORE INSERT",
        "LEDGER-02: journals are numbered without a gap, each hash on the one before.",
        f"NEW.number <> COALESCE((SELECT j.number {_NEWEST_INSERT}), 0) + 1 "
        f"OR NEW.previous_hash <> COALESCE((SELECT j.hash {_NEWEST_INSERT}), 'first')",
    ),
    guard(
        "finance_journal_balances",
        "finance_journal",
        "BEFORE UPDATE",
        "LEDGER-03: a journal balances in every currency and has two lines or more.",
        f"OLD.posted = 0 AND ({_UNBALANCED})",
        f"NOT OLD.posted AND ({_UNBALANCED})",
    ),
    guard(
        "finance_journal_append_only",
        "finance_journal",
        "BEFORE UPDATE",
        "LEDGER-04: a posted journal is never changed.",
        "OLD.posted = 1 OR NEW.posted = 0 OR NEW.number <> OLD.number OR NEW.key <> OLD.key "
        "OR NEW.previous_hash <> OLD.previous_hash OR NEW.hash <> OLD.hash OR NEW.dated_on IS NOT OLD.dated_on",
        "OLD.posted OR NOT NEW.posted OR NEW.number <> OLD.number OR NEW.key <> OLD.key "
        "OR NEW.previous_hash <> OLD.previous_hash OR NEW.hash <> OLD.hash "
        "OR NEW.dated_on IS DISTINCT FROM OLD.dated_on",
    ),
    guard(
        "finance_journal_open_month",
        "finance_journal",
        "BEFORE INSERT",
        "PERIOD-01: nothing is dated into a closed month; a month that is closing takes what an exception lets in.",
        _SHUT.format(month="date(COALESCE(NEW.dated_on, date(NEW.at)), 'start of month')"),
        _SHUT.format(month="date_trunc('month', COALESCE(NEW.dated_on, (NEW.at AT TIME ZONE 'UTC')::date))::date"),
    ),
    guard(
        "finance_journal_never_removed",
        "finance_journal",
        "BEFORE DELETE",
        "LEDGER-04: a journal is never removed.",
        "1 = 1",
    ),
    guard(
        "finance_journalline_late",
        "finance_journalline",
        "BEFORE INSERT",
        "LEDGER-05: no line is added to a posted journal.",
        f"{_POSTED.format(row='NEW')} = 1",
        _POSTED.format(row="NEW"),
    ),
    guard(
        "finance_journalline_whole",
        "finance_journalline",
        "BEFORE INSERT",
        "LEDGER-06: a line is a whole number of minor units in its account's currency.",
        f"typeof(NEW.minor) <> 'integer' OR {_OTHER_CURRENCY}",
        _OTHER_CURRENCY,
    ),
    *append_only("finance_journalline", "LEDGER-05"),
]

_OVERDISBURSED = (
    "NEW.usd_minor < NEW.freed_usd_minor + NEW.disbursed_usd_minor "
    "OR NEW.usd_minor <> OLD.usd_minor OR NEW.stream_id <> OLD.stream_id OR NEW.reference <> OLD.reference"
)

# What keeps a disbursement from being released, whoever writes to the database.
_RELEASES = "NEW.state = 'RELEASED' AND OLD.state = 'PREPARED'"
_NOT_CONFIRMED = "(SELECT v.state FROM finance_payeeversion v WHERE v.id = NEW.payee_version_id) <> 'CONFIRMED'"
_NEWEST_LIST = "(SELECT s.content_sha256 FROM finance_sanctionslist s ORDER BY s.generated_at DESC, s.id DESC LIMIT 1)"
_NOT_CLEARED = """EXISTS (
  SELECT 1 FROM finance_screeninghit h JOIN finance_sanctionsentry e ON e.id = h.entry_id
  WHERE h.payee_version_id = NEW.payee_version_id
    AND (h.state = 'CONFIRMED' OR (h.state <> 'CLEARED' AND e.content_sha256 = {newest})))"""
_NOT_SCREENED = """NOT EXISTS (
  SELECT 1 FROM finance_screening c JOIN finance_sanctionslist s ON s.id = c.sanctions_list_id
  WHERE c.payee_version_id = NEW.payee_version_id AND s.content_sha256 = {newest})"""
_STANDS_AGAINST_IT = f"({_NOT_SCREENED} OR {_NOT_CLEARED})".replace("{newest}", _NEWEST_LIST)

RELEASE = [
    guard(
        "finance_disbursement_payee_confirmed",
        "finance_disbursement",
        "BEFORE UPDATE",
        "DISB-10: money is released only to details that are confirmed now.",
        f"{_RELEASES} AND {_NOT_CONFIRMED}",
    ),
    guard(
        "finance_disbursement_payee_screened",
        "finance_disbursement",
        "BEFORE UPDATE",
        "SCREEN-04: money is released only to a payee screened against the newest list, with every hit cleared.",
        f"{_RELEASES} AND {_STANDS_AGAINST_IT}",
    ),
]

# After a restore, what had left before is written down whoever was listed since.
_LEAVES = """NEW.state = 'SENDING' AND OLD.state = 'RELEASED' AND NEW.payment_file_id IS NULL AND NOT EXISTS (
  SELECT 1 FROM decisions_decision r JOIN decisions_decision d ON d.number < r.number
  WHERE r.act = 'take_up_after_restore' AND d.subject = NEW.number)"""
LEAVING = [
    guard(
        "finance_disbursement_screened_as_it_leaves",
        "finance_disbursement",
        "BEFORE UPDATE",
        "SCREEN-08: what waited since its release leaves only to a payee screened against the newest list, with every "
        "hit cleared.",
        f"{_LEAVES} AND {_STANDS_AGAINST_IT}",
    ),
]

_BEYOND_OPEN_TRANCHES = (
    "NEW.disbursed_local_minor > OLD.disbursed_local_minor "
    "AND EXISTS (SELECT 1 FROM finance_tranche t WHERE t.commitment_id = NEW.id) "
    "AND NEW.disbursed_local_minor > (SELECT COALESCE(SUM(t.minor), 0) FROM finance_tranche t "
    "WHERE t.commitment_id = NEW.id AND t.state <> 'WAITING')"
)

GUARDS = [
    *JOURNAL,
    *RELEASE,
    *LEAVING,
    *append_only("finance_sanctionslist", "SCREEN-05"),
    *append_only("finance_sanctionsentry", "SCREEN-05"),
    *append_only("finance_screening", "SCREEN-05"),
    _frozen("finance_screeninghit", "SCREEN-05", ["key", "payee_version_id", "entry_id", "party", "score"]),
    _kept("finance_screeninghit", "SCREEN-05"),
    *state_follows_decision("finance_screeninghit", "key"),
    *append_only("finance_receipt", "RECEIPT-01"),
    *append_only("finance_statementfile", "STMT-50"),
    *append_only("finance_linedetail", "STMT-51"),
    *append_only("finance_repeatedline", "STMT-52"),
    *append_only("finance_payoutmovement", "STMT-56"),
    _frozen("finance_providerpayout", "STMT-56", ["provider_reference", "account", "line_id", "minor", "currency"]),
    _kept("finance_providerpayout", "STMT-56"),
    *append_only("finance_csvmapping", "STMT-54"),
    *append_only("finance_statusreport", "STMT-55"),
    *append_only("finance_statusitem", "STMT-55"),
    *MATCHING,
    *append_only("finance_disbursementpart", "DISB-01"),
    *append_only("finance_acceptance", "REPORT-07"),
    _frozen(
        "finance_refunddue",
        "REFUND-02",
        ["key", "reference", "commitment_id", "kind", "reason_code", "minor", "currency", "usd_minor", "end_to_end"],
    ),
    _kept("finance_refunddue", "REFUND-02"),
    _frozen(
        "finance_writeoff",
        "WRITEOFF-05",
        ["key", "refund_id", "minor", "currency", "usd_minor", "reason_code", "asked_by_id"],
    ),
    _kept("finance_writeoff", "WRITEOFF-05"),
    guard(
        "finance_commitment_keeps_its_amount",
        "finance_commitment",
        "BEFORE UPDATE",
        "COMMIT-01: a commitment keeps its amount, stream and request.",
        _OVERDISBURSED,
    ),
    guard(
        "finance_commitment_waits_for_its_tranche",
        "finance_commitment",
        "BEFORE UPDATE",
        "TRANCHE-01: no more of a line is disbursed than its open tranches.",
        _BEYOND_OPEN_TRANCHES,
    ),
    _kept("finance_commitment", "COMMIT-01"),
    _frozen("finance_tranche", "TRANCHE-02", ["key", "commitment_id", "number", "minor", "currency", "condition"]),
    _kept("finance_tranche", "TRANCHE-02"),
    _frozen(
        "finance_payeeversion",
        "PAYEE-01",
        [
            "payee_id",
            "number",
            "holder",
            "account",
            "account_fingerprint",
            "is_iban",
            "bic",
            "bank",
            "country",
            "town",
            "rail",
            "currency",
            "birth_year",
            "recorded_by_id",
            "recorded_at",
        ],
    ),
    _kept("finance_payeeversion", "PAYEE-01"),
    _frozen("finance_exchangerate", "RATE-02", ["currency", "effective_from", "units_per_usd", "entered_by_id"]),
    _kept("finance_exchangerate", "RATE-02"),
    _frozen("finance_ratelist", "RATE-02", ["key", "kind", "file_sha256", "content", "imported_by_id"]),
    _kept("finance_ratelist", "RATE-02"),
    _frozen("finance_accountingperiod", "PERIOD-06", ["month"]),
    _kept("finance_accountingperiod", "PERIOD-06"),
    _frozen("finance_periodexception", "PERIOD-06", ["period_id", "number", "person_id", "until", "asked_by_id"]),
    _kept("finance_periodexception", "PERIOD-06"),
    *append_only("finance_pledge", "AGREE-01"),
    _frozen(
        "finance_agreement",
        "AGREE-01",
        ["key", "stream_id", "minor", "currency", "usd_minor", "spend_before_receipt", "recorded_by_id"],
    ),
    _kept("finance_agreement", "AGREE-01"),
    _frozen("finance_commitmentreview", "YEAR-01", ["commitment_id", "year", "number", "outcome", "proposed_by_id"]),
    _kept("finance_commitmentreview", "YEAR-01"),
    _frozen("finance_paymentfile", "FILE-01", ["message_id", "sha256", "stored_as", "bank_account_id"]),
    _kept("finance_paymentfile", "FILE-01"),
    _frozen(
        "finance_disbursement",
        "DISB-02",
        [
            "number",
            "reference",
            "payee_version_id",
            "bank_account_id",
            "minor",
            "currency",
            "end_to_end",
            "payee_seal",
            "duplicate_note",
        ],
    ),
    _kept("finance_disbursement", "DISB-02"),
    _frozen(
        "finance_statement",
        "STMT-20",
        ["bank_account_id", "kind", "sequence", "statement_id", "from_day", "to_day", "currency", "file_sha256"],
    ),
    guard(
        "finance_statement_balances_frozen",
        "finance_statement",
        "BEFORE UPDATE",
        "STMT-20: recorded facts of finance_statement are not edited.",
        " OR ".join(
            f"COALESCE(NEW.{column}, {never}) <> COALESCE(OLD.{column}, {never})"
            for column, never in (("opening_minor", -(10**18)), ("closing_minor", -(10**18)), ("bank_number", -1))
        ),
    ),
    _kept("finance_statement", "STMT-20"),
    *state_follows_decision(
        "finance_statement",
        "'STMT-' || (SELECT b.code FROM finance_bankaccount b WHERE b.id = NEW.bank_account_id) || '-' || NEW.sequence",
    ),
    guard(
        "finance_statementline_held",
        "finance_statementline",
        "BEFORE UPDATE",
        "STMT-53: no line of a statement moves before the second look at it.",
        "NEW.state <> OLD.state AND (SELECT s.state FROM finance_statement s WHERE s.id = NEW.statement_id) "
        "= 'NEEDS_REVIEW'",
    ),
    guard(
        "finance_statementline_held_first",
        "finance_statementline",
        "BEFORE INSERT",
        "STMT-53: a line of a statement that needs a second look is held.",
        "NEW.state <> 'HELD' AND (SELECT s.state FROM finance_statement s WHERE s.id = NEW.statement_id) "
        "= 'NEEDS_REVIEW'",
    ),
    _frozen("finance_pendingline", "STMT-56", ["bank_account_id", "identity", "minor", "currency", "booked_on"]),
    guard(
        "finance_pendingline_replaced_once",
        "finance_pendingline",
        "BEFORE UPDATE",
        "STMT-56: a pending line is replaced once.",
        "OLD.replaced_by_id IS NOT NULL",
    ),
    _kept("finance_pendingline", "STMT-56"),
    _frozen("finance_statementline", "STMT-21", ["identity", "minor", "currency", "statement_id", "booked_on"]),
    _kept("finance_statementline", "STMT-21"),
    _frozen("finance_gatewayevent", "EVENT-01", ["event_id", "body"]),
    _kept("finance_gatewayevent", "EVENT-01"),
    _frozen("finance_receivedmessage", "EVENT-02", ["body", "signature", "verdict", "received_at"]),
    _kept("finance_receivedmessage", "EVENT-02"),
    _frozen("finance_railpause", "RAIL-04", ["key", "rail", "code", "paused_at"]),
    _kept("finance_railpause", "RAIL-04"),
    _frozen("finance_topup", "RAIL-05", ["provider_reference", "minor", "currency"]),
    _kept("finance_topup", "RAIL-05"),
    *state_follows_decision("finance_disbursement", "number"),
    *state_follows_decision("finance_tranche", "key"),
    *state_follows_decision("finance_paymentfile", "message_id"),
    *state_follows_decision("finance_railpause", "key"),
    *state_follows_decision(
        "finance_payeeversion", "(SELECT p.key FROM finance_payee p WHERE p.id = NEW.payee_id) || '/' || NEW.number"
    ),
    *state_follows_decision("finance_exchangerate", "'RATE-' || NEW.currency || '-' || NEW.effective_from"),
    *state_follows_decision("finance_ratelist", "key"),
    *state_follows_decision("finance_agreement", "key"),
    *state_follows_decision("finance_writeoff", "key"),
    *state_follows_decision("finance_matchrule", "NEW.key || '/' || NEW.number"),
    *state_follows_decision("finance_accountingperiod", _PERIOD_KEY),
    *state_follows_decision(
        "finance_periodexception",
        "(" + _ITS_PERIOD + ") || '/' || NEW.number",
    ),
    *state_follows_decision(
        "finance_commitmentreview", "'REVIEW-' || NEW.year || '-' || NEW.commitment_id || '/' || NEW.number"
    ),
    *state_follows_decision("finance_statementline", "'LINE-' || substr(NEW.identity, 1, 16)"),
]
