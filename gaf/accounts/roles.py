"""The roles of the fund. Mission roles belong to one mission; headquarters roles to none."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is trusted with."""

    CASE_WORKER = "case_worker", _("case worker")
    HEAD_OF_UNIT = "head_of_unit", _("head of unit")
    MISSION_FINANCE = "mission_finance", _("mission finance officer")
    ELIGIBILITY_REVIEWER = "eligibility_reviewer", _("eligibility reviewer")
    DUTY_OFFICER = "duty_officer", _("duty officer")
    BUDGET_APPROVER = "budget_approver", _("budget approver")
    CERTIFYING_OFFICER = "certifying_officer", _("certifying officer")
    PAYER = "payer", _("payer")
    RECONCILER = "reconciler", _("reconciler")
    FUND_MANAGER = "fund_manager", _("fund manager")
    PAYEE_CONFIRMER = "payee_confirmer", _("payee confirmer")
    EDITOR = "editor", _("editor of guidance")
    DATA_STEWARD = "data_steward", _("data steward")
    PRIVACY_FOCAL_POINT = "privacy_focal_point", _("privacy focal point")
    AUDITOR = "auditor", _("auditor")
    OVERSIGHT = "oversight", _("oversight officer")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("system administrator")
    SYSTEM = "system", _("the system")


MISSION_ROLES = (Role.CASE_WORKER, Role.HEAD_OF_UNIT, Role.MISSION_FINANCE)
HEADQUARTERS_ROLES = tuple(role for role in Role if role not in MISSION_ROLES and role != Role.SYSTEM)
# Headquarters people who work on requests, or look into how they were worked on, and therefore read them all.
READS_ALL_REQUESTS = (
    Role.ELIGIBILITY_REVIEWER,
    Role.DUTY_OFFICER,
    Role.BUDGET_APPROVER,
    Role.CERTIFYING_OFFICER,
    Role.PAYER,
    Role.RECONCILER,
    Role.FUND_MANAGER,
    Role.PAYEE_CONFIRMER,
    Role.DATA_STEWARD,
    Role.AUDITOR,
    Role.OVERSIGHT,
)
# Roles that read the sealed text of a case. Finance sees amounts and codes.
READS_SEALED_TEXT = (
    *MISSION_ROLES,
    Role.ELIGIBILITY_REVIEWER,
    Role.DUTY_OFFICER,
    Role.BUDGET_APPROVER,
    Role.CERTIFYING_OFFICER,
    Role.FUND_MANAGER,
    Role.DATA_STEWARD,
)
# Of these, roles that seldom need it: for them it is covered until they say what for. Holding another role that reads
# it openly, such as budget approver, uncovers it.
COVERED_FOR = (Role.CERTIFYING_OFFICER, Role.FUND_MANAGER, Role.DATA_STEWARD)
