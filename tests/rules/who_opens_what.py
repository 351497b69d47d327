"""Every address of the site and who it is for, written by hand from the fund's rules and never from the code."""

from __future__ import annotations

import functools

from tests.rules.walking import EVERYBODY, OF_EACH_ROLE

ROLES = {
    "writers": "CW HU",
    "missions": "CW HU MF",
    "text": "CW HU MF ER DO BA CO FM DS",
    "readers": "CW HU MF ER DO BA CO PA RE FM PC DS AU OV",
    "finance": "CO PA RE FM AU",
    "disbursements": "MF CO PA RE FM AU",
    "statements": "PA RE FM AU",
    "fund": "BA CO PA RE FM PC AU",
    "payees": "MF CO PA FM PC AU",
    "screeners": "CO PA FM PC AU",
}
# Every address and who it is for: roles or a group of them; `everybody` also means people who have not signed in.
FOR_WHOM = """
front_door                          everybody
healthz                             everybody
choose_language                     everybody
search                              readers ED SA PF
keys                                readers ED SA PF
first_day                           readers ED SA PF
device                              readers ED SA PF
device_key                          readers ED SA PF
offline                             everybody
worker                              everybody
second_factor                       readers ED SA PF
second_factor_picture               readers ED SA PF
second_factor_code                  everybody
account_login                       everybody
account_logout                      everybody
account_reset_password              everybody
account_reset_password_done         everybody
account_reset_password_from_key     everybody
account_reset_password_from_key_done everybody
stripe_webhook                      everybody
wagtail_serve                       everybody
wagtailcore_login                   everybody
cms/logout/                         everybody
^cms/password_reset/                everybody
cms/account/                        ED
desk_of_the_editors                 ED

desk                                missions
inbox                               ER
duty                                DO
duty_rota                           DO FM AU
approvals                           BA FM
certification                       CO
releases                            PA
release_together                    PA
released_together                   PA
closing                             FM
activities                          text
tables                              DS FM AU
propose_table                       DS
table                               DS FM AU
table_act                           DS FM AU
pack                                readers
turnaround                          ER DO BA FM AU
cost_norms                          CW HU MF ER BA CO FM AU
cost_norm_new                       CW HU MF ER BA CO FM AU
cost_norm_act                       CO FM
crisis_windows                      CW HU MF ER BA CO FM AU
crisis_window_new                   ER FM
crisis_window_end                   ER FM
crisis_window_act                   BA FM
donor_reports                       FM BA CO RE PA AU PC DS
donor_report                        FM BA CO RE PA AU PC DS
donor_report_new                    FM
donor_report_edit                   FM
donor_report_act                    FM CO DS
retention                           PF DS FM AU
person_copy                         CW HU
person_copy_text                    HU
person_copy_file                    HU
person_copy_act                     CW HU
complaints                          missions FM OV
complain                            everybody
complaint_answer                    everybody
complaint                           CW HU FM
complaint_act                       HU FM
concerns                            OV
raise_concern                       readers ED SA PF
own_concerns                        readers ED SA PF
concern                             OV
concern_act                         OV
likenesses                          PF DS
likeness                            PF DS
likeness_act                        PF DS
transfers                           CW HU AU
transfer                            CW HU AU
transfer_act                        CW HU
propose_erasure                     PF DS
erasure                             PF DS FM AU
erasure_certificate                 PF DS FM AU
erasure_act                         PF DS FM
hold_new                            PF DS FM
hold_lift                           PF DS FM
advances                            CO PA RE FM AU
overdue                             FM AU HU OV
out_of_office                       readers
notices                             readers
assisted_return                     readers
surveys                             readers
assisted_return_act                 CW HU
follow_up_visit                     CW HU
amendment                           readers
amendment_act                       readers
lost_receipt                        readers
lost_receipt_act                    readers
requests                            readers
requests_export                     readers
together                            readers
done_together                       readers
board                               readers
move                                readers
saved_views                         readers
request_new                         writers
request_new_urgent                  writers

record                              readers
history                             readers
timeline                            readers
changes                             readers
as_seen                             readers
amendments                          readers
same_case                           readers
followers                           readers
request_activities                  readers
plan_activity                       readers
finish_activity                     readers
cancel_activity                     readers
message                             readers
note                                readers
reveal                              CO FM DS
readers                             CW HU MF FM DS
restrict                            CW HU FM DS
record_complaint                    missions
ask_copy                            CW HU
name_reader                         HU FM
end_reader                          HU FM
privacy_watch                       PF
canary_new                          PF
begin_return                        writers
gates                               readers
record_evidence                     writers
protection                          readers
assess                              writers
screen_trafficking                  writers
refer_persons                       writers
fingerprint_person                  writers
propose_transfer                    writers
context_sheet                       writers
record_consent                      writers
withdraw_consent                    writers
edit_person                         writers
edit_situation                      writers
edit_help                           writers
edit_check                          writers
submit                              writers
send_urgent                         writers
sent                                missions
answer                              writers
plan                                writers
plan_assistance                     writers
plan_budget                         writers
plan_documents                      writers
plan_check                          writers
send_budget                         writers
documents                           text
document                            text
document_remove                     text
begin_upload                        text
upload                              CW
withdraw_persons                    writers
end_delivery                        writers
report                              missions
report_urgent_costs                 missions
review                              readers
ask                                 readers
approval                            readers
approve_budget                      readers
approve_deferred_line               readers
allow_urgent_spending               readers
certify_funds                       readers
release                             readers
accept_reports                      readers
accept_urgent_costs                 readers
extend_delivery                     readers
let_pass                            readers
allow_repeated_help                 readers
ask_amendment                       writers
declare_lost_receipt                missions
endorse                             readers
return_to_author                    readers
take                                readers
recuse                              readers
confirm_eligibility                 readers
refuse_eligibility                  readers
return_budget                       readers
decline                             readers
return_to_approver                  readers
hold                                readers
let_wait                            readers
resume                              readers
withdraw                            readers
cancel                              readers
close                               readers
reopen                              readers

disbursements                       disbursements
disbursement                        disbursements
disbursements_export                disbursements
lines_export                        statements
stop_disbursement                   disbursements
look_again                          disbursements
declare_unsent                      disbursements
rails                               finance SA
pause_rail                          finance SA
resume_rail                         finance SA
prepare_disbursement                finance
tranches                            finance
plan_tranches                       finance
tranche_act                         finance
payment_files                       finance
payment_file                        finance
payment_file_bytes                  CO PA FM
sign_first                          finance
sign_second                         finance
discard_file                        finance
reconciliation                      statements
import_statement                    statements
import_found                        statements
mapping_new                         statements
statement_file_bytes                RE FM AU
accept_statement                    statements
reconcile_account                   statements
fetch_statement                     statements
match_line                          statements
match_exact                         statements
find_record                         statements
set_aside_line                      statements
undo_match                          statements
match_rules                         statements
match_rule                          statements
write_match_rule                    statements
test_match_rule                     statements
activate_match_rule                 statements
retire_match_rule                   statements
fund                                fund
fund_stream                         fund
runway                              fund
receipt_new                         fund
stream_ledger                       fund
refunds                             fund
write_off                           fund
write_off_act                       fund
agreements                          fund
agreement_new                       fund
agreement_act                       fund
pledge_new                          fund
months                              fund
month_revalue                       fund
exception_new                       fund
exception_act                       fund
month_act                           fund
year_end                            fund
review_new                          fund
review_act                          fund
rate_lists                          fund
rate_list_new                       fund
rate_list                           fund
rate_list_act                       fund
rates                               fund
rate_new                            fund
approve_rate                        fund
payees                              payees
payee_new                           payees
payee                               payees
payee_new_version                   payees
confirm_payee                       payees
reject_payee                        payees
screening                           screeners
screening_hit                       screeners
clear_hit                           screeners
confirm_hit                         screeners
"""
# The act a page of writing does, where it has another name than the page.
ACT_OF = {
    "edit_person": "write",
    "edit_situation": "write",
    "edit_help": "write",
    "edit_check": "submit",
    "plan_assistance": "write",
    "plan_budget": "write",
    "plan_check": "send_budget",
    "documents": "write",
    "document_remove": "write",
    "begin_upload": "write",
    "upload": "write",
    "review": "confirm_eligibility",
    "approval": "approve_budget",
    "message": "send_message",
    "note": "keep_note",
    "followers": "follow",
}
# Who does what beside the states, from any of them.
ACT_BESIDE = {
    "send_message": ROLES["text"],
    "keep_note": ROLES["text"],
    "follow": ROLES["readers"],
    "plan_activity": ROLES["text"],
    "finish_activity": ROLES["missions"],  # the one of the walk was planned in the mission
    "cancel_activity": ROLES["missions"],
    "reveal": "CO FM DS",
    "record_complaint": ROLES["missions"],
    "ask_copy": "CW HU",
    "begin_return": "CW HU",
    "restrict": "CW HU FM DS",
    "name_reader": "HU FM",
    "end_reader": "HU FM",
}
# Who does what with money, from any state.
ACT_OF_MONEY = {
    "duty_rota": "FM",
    "propose_table": "DS",
    "table_act": "FM",
    "person_copy_act": "HU",
    "cost_norm_new": "MF",
    "cost_norm_act": "CO FM",
    "crisis_window_new": "ER FM",
    "crisis_window_end": "ER FM",
    "crisis_window_act": "BA FM",
    "donor_report_new": "FM",
    "donor_report_edit": "FM",
    "donor_report_act": "CO DS",
    "likeness_act": "PF",
    "complaint_act": "HU FM",
    "concern_act": "OV",
    "transfer_act": "CW HU",
    "assisted_return_act": "CW HU",
    "follow_up_visit": "CW HU",
    "propose_erasure": "PF DS",
    "erasure_act": "PF FM",
    "hold_new": "PF DS FM",
    "hold_lift": "PF FM",
    "prepare_disbursement": "CO",
    "plan_tranches": "CO",
    "tranche_act": "CO",
    "stop_disbursement": "PA FM",
    "look_again": "PA FM RE",
    "declare_unsent": "FM RE",
    "pause_rail": "PA FM",
    "resume_rail": "PA FM",
    "payment_files": "PA",
    "sign_first": "PA",
    "sign_second": "CO FM",
    "discard_file": "PA FM",
    "import_statement": "RE",
    "import_found": "RE",
    "mapping_new": "RE",
    "accept_statement": "FM",
    "fetch_statement": "RE",
    "match_line": "RE",
    "set_aside_line": "RE",
    "match_exact": "RE",
    "find_record": "RE",
    "undo_match": "RE",
    "write_match_rule": "RE",
    "test_match_rule": "RE",
    "activate_match_rule": "FM",
    "retire_match_rule": "RE FM",
    "receipt_new": "CO FM",
    "agreement_new": "CO FM",
    "agreement_act": "FM",
    "pledge_new": "CO FM",
    "month_revalue": "CO FM",
    "exception_new": "CO FM RE",
    "exception_act": "CO FM",
    "month_act": "CO FM",
    "review_new": "CO FM",
    "review_act": "FM",
    "write_off": "CO",
    "write_off_act": "BA FM",
    "rate_list_new": "CO",
    "rate_list_act": "PC",
    "rate_new": "CO",
    "approve_rate": "PC",
    "payee_new": "MF",
    "payee_new_version": "MF",
    "confirm_payee": "PC",
    "reject_payee": "PC",
    "clear_hit": "PC FM CO",
    "confirm_hit": "PC FM CO",
}
# Pages that ask nothing: pressing their button is all there is to say, and an empty form is that press.
ONE_PRESS = {
    "concern_act",
    "cost_norm_act",
    "crisis_window_act",
    "donor_report_act",
    "activate_match_rule",
    "agreement_act",
    "approve_rate",
    "discard_file",
    "document_remove",
    "erasure_act",
    "exception_act",
    "fetch_statement",
    "match_exact",
    "month_revalue",
    "person_copy_act",
    "rate_list_act",
    "restrict",
    "retire_match_rule",
    "review_act",
    "sign_first",
    "sign_second",
    "table_act",
    "test_match_rule",
    "transfer_act",
    "write_off_act",
}


@functools.cache
def audiences() -> dict[str, set[str]]:
    """The table: address to the names of those it is for; the stranger among them where it is for everybody."""
    found = {}
    for row in FOR_WHOM.strip().splitlines():
        if row.strip():
            name, *words = row.split()
            codes = " ".join(ROLES.get(word, word) for word in words).split()
            names = set(EVERYBODY) if words == ["everybody"] else {OF_EACH_ROLE[code] for code in codes}
            found[name.replace("desk_of_the_editors", "desk of the editors")] = names
    return found
