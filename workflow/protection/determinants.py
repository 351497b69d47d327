"""Determinants of migrant vulnerability: factors on four levels, seven immediate needs, and a figure that only informs.

Levels and families of factors follow IOM’s determinants model and toolkits, in our own words. No weights are published;
the weights and bands here are the fund's own demonstration values, shown beside the worker's judgement and never used
to decide, to refuse or to rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(models.TextChoices):
    """Where a factor lies."""

    INDIVIDUAL = "I", _("The person")
    HOUSEHOLD = "H", _("Household and family")
    COMMUNITY = "C", _("Community")
    STRUCTURAL = "S", _("Society and law")


class Factor(models.TextChoices):
    """One factor; the letter is its level. Each can protect or endanger, according to the place."""

    I_AGE = "I-AGE", _("Age")
    I_SEX = "I-SEX", _("Sex and gender")
    I_ETHNIC = "I-ETHNIC", _("Ethnic group or nationality")
    I_SOGI = "I-SOGI", _("Sexual orientation and gender identity")
    I_STATUS = "I-STATUS", _("Legal status and papers")
    I_MOBIL = "I-MOBIL", _("Stage of the journey; alone or accompanied")
    I_HIST = "I-HIST", _("Earlier violence, exploitation or abuse")
    I_HEALTH = "I-HEALTH", _("Physical health")
    I_MH = "I-MH", _("Mental health")
    I_DISAB = "I-DISAB", _("Disability")
    I_PREG = "I-PREG", _("Pregnancy or small child")
    I_EDU = "I-EDU", _("Literacy, education and skills")
    I_LANG = "I-LANG", _("Language")
    I_RES = "I-RES", _("Money, goods and support at hand")
    I_DEBT = "I-DEBT", _("Own debts")
    I_BELIEF = "I-BELIEF", _("Attitudes and readiness to take risks")
    I_SUBST = "I-SUBST", _("Alcohol and drugs")
    H_SIZE = "H-SIZE", _("Size of the household")
    H_STRUCT = "H-STRUCT", _("Who heads it: one parent, a child")
    H_SES = "H-SES", _("Social and economic standing")
    H_MIGHIST = "H-MIGHIST", _("Unsafe migration in the family")
    H_EMPL = "H-EMPL", _("Work in the household")
    H_EDU = "H-EDU", _("Education in the household")
    H_GENDER = "H-GENDER", _("Discrimination inside the family")
    H_VIOL = "H-VIOL", _("Violence between its members")
    H_SUPPORT = "H-SUPPORT", _("Support they give each other")
    H_RESDIST = "H-RESDIST", _("Fair sharing of what there is")
    H_INCOME = "H-INCOME", _("Income that covers basic needs")
    H_DEBT = "H-DEBT", _("Debts of the family")
    H_CARE = "H-CARE", _("Members who need care")
    C_EDU = "C-EDU", _("Schools within reach")
    C_HEALTH = "C-HEALTH", _("Health care within reach")
    C_LAW = "C-LAW", _("Fair and effective law enforcement")
    C_GOV = "C-GOV", _("Local governance")
    C_ECON = "C-ECON", _("Work and markets")
    C_NORMS = "C-NORMS", _("Attitudes to gender and migration, stigma")
    C_NETWORK = "C-NETWORK", _("Diaspora, peers and support groups")
    C_ENV = "C-ENV", _("Natural hazards")
    C_RECRUIT = "C-RECRUIT", _("Active recruiters")
    C_XENO = "C-XENO", _("Hostility to foreigners")
    S_POL = "S-POL", _("Political stability")
    S_CONF = "S-CONF", _("Armed conflict")
    S_ECON = "S-ECON", _("National economy")
    S_SOC = "S-SOC", _("Social protection")
    S_ENVIR = "S-ENVIR", _("Climate and environment")
    S_LAW = "S-LAW", _("Rule of law and non-discrimination")
    S_MIGLAW = "S-MIGLAW", _("Legal ways to migrate; ties to an employer")
    S_LABOUR = "S-LABOUR", _("Protection of workers, regulation of recruitment")
    S_PROT = "S-PROT", _("A system of protection and referral")
    S_CORR = "S-CORR", _("Corruption")


class Finding(models.IntegerChoices):
    """How a factor works in this case. Positive endangers, negative protects; what was not assessed has no number."""

    RISK_3 = 3, _("Risk, strong")
    RISK_2 = 2, pgettext_lazy("factor", "Risk, medium")
    RISK_1 = 1, _("Risk, weak")
    NEUTRAL = 0, _("Neither")
    PROTECTS_1 = -1, _("Protects, weakly")
    PROTECTS_2 = -2, _("Protects")
    PROTECTS_3 = -3, _("Protects, strongly")


class Need(models.TextChoices):
    """Seven immediate needs; any yes proposes the first priority."""

    MEDICAL = "MEDICAL", _("Life-threatening illness or injury")
    DANGER = "DANGER", _("Immediate danger from others")
    TONIGHT = "TONIGHT", _("No safe place tonight")
    CHILD_ALONE = "CHILD_ALONE", _("A child alone")
    SELF_HARM = "SELF_HARM", _("Risk of self-harm")
    DETAINED = "DETAINED", _("In detention")
    NO_FOOD = "NO_FOOD", _("No food or water")


class Judged(models.TextChoices):
    """The worker's own judgement of how vulnerable the person is; in order."""

    LOW = "LOW", pgettext_lazy("vulnerability", "Low")
    MODERATE = "MODERATE", pgettext_lazy("vulnerability", "Moderate")
    HIGH = "HIGH", pgettext_lazy("vulnerability", "High")
    EXTREME = "EXTREME", pgettext_lazy("vulnerability", "Extreme")


WEIGHTS = {
    Level.INDIVIDUAL: Decimal("0.40"),
    Level.HOUSEHOLD: Decimal("0.25"),
    Level.COMMUNITY: Decimal("0.20"),
    Level.STRUCTURAL: Decimal("0.15"),
}
_STRONGEST = 3
CONTEXT = tuple(factor.value for factor in Factor if factor.value[0] in ("C", "S"))
_THOUSANDTH = Decimal("0.001")


def level_scores(factors: Mapping[str, int]) -> dict[Level, Decimal]:
    """Of each level that was assessed, from -1 (all protects) to 1 (all endangers)."""
    found: dict[Level, Decimal] = {}
    for level in Level:
        values = [value for code, value in factors.items() if code.startswith(level.value)]
        if values:
            found[level] = Decimal(sum(values)) / (_STRONGEST * len(values))
    return found


def score(factors: Mapping[str, int]) -> Decimal | None:
    """The weighted mean of the levels that were assessed, in thousandths; nothing when none was."""
    levels = level_scores(factors)
    if not levels:
        return None
    weight = sum(WEIGHTS[level] for level in levels)
    weighted = sum((WEIGHTS[level] * value for level, value in levels.items()), Decimal(0))
    return (weighted / weight).quantize(_THOUSANDTH)


def band(value: Decimal) -> Judged:
    """Below 0 low, up to 0.25 moderate, up to 0.5 high, above extreme."""
    if value < 0:
        return Judged.LOW
    if value <= Decimal("0.25"):
        return Judged.MODERATE
    return Judged.HIGH if value <= Decimal("0.5") else Judged.EXTREME


def bands_apart(judged: str, value: Decimal | None) -> int:
    """How many bands lie between the worker's judgement and the figure; none without a figure."""
    order = list(Judged.values)
    return 0 if value is None else abs(order.index(judged) - order.index(band(value).value))
