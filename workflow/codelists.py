"""The lists a request is written with: categories, types of assistance, reasons. Codes are stored, words are shown.

Source of the categories and types: the fund's public pages and the handbook on vulnerable migrants, in our own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from django.db import models
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class MigrantCategory(models.TextChoices):
    """Why the person may need the fund. One is primary; vulnerability decides, not the category."""

    VOT = "VOT", _("Victim of trafficking")
    PVOT = "PVOT", _("Possible victim of trafficking")
    UAC = "UAC", _("Unaccompanied migrant child")
    SC = "SC", _("Separated migrant child")
    VEA_EXP = "VEA_EXP", _("Has experienced violence, exploitation or abuse")
    VEA_RISK = "VEA_RISK", _("At risk of violence, exploitation or abuse")
    SMUG = "SMUG", _("Smuggled migrant with protection needs")
    STRANDED = "STRANDED", _("Stranded migrant")
    DISTRESS = "DISTRESS", _("In extreme psychological or physical distress")
    IRREG = "IRREG", _("Migrant in an irregular situation")
    ASY_REJ = "ASY_REJ", _("Asylum seeker whose claim was finally rejected")
    BASIC_NEEDS = "BASIC_NEEDS", _("Cannot meet basic needs in a crisis")


# A status is not a need, so these two can only accompany another category.
NEVER_PRIMARY = (MigrantCategory.IRREG, MigrantCategory.ASY_REJ)
PRIMARY_CATEGORIES = tuple(category for category in MigrantCategory if category not in NEVER_PRIMARY)
# May be chosen only while a crisis window is open.
CRISIS_CATEGORIES = (MigrantCategory.BASIC_NEEDS,)
CHILD_CATEGORIES = (MigrantCategory.UAC, MigrantCategory.SC)


class ProfileTag(models.TextChoices):
    """What else the plan must take into account."""

    LABOUR_MIGRANT = "LABOUR_MIGRANT", _("Labour migrant")
    DV_SURVIVOR = "DV_SURVIVOR", _("Survivor of domestic violence")
    SGBV_SURVIVOR = "SGBV_SURVIVOR", _("Survivor of sexual or gender-based violence")
    STREET_CHILD = "STREET_CHILD", _("Child living on the street")
    CHILD_NO_PARENTAL_CARE = "CHILD_NO_PARENTAL_CARE", _("Child without parental care")
    INSTITUTIONALISED_CHILD = "INSTITUTIONALISED_CHILD", _("Child in an institution")
    SINGLE_PARENT = "SINGLE_PARENT", _("Single parent")
    PREGNANT = "PREGNANT", _("Pregnant")
    LGBTIQ = "LGBTIQ", _("LGBTIQ+")
    DISABILITY = "DISABILITY", _("Person with a disability")
    SERIOUS_MEDICAL = "SERIOUS_MEDICAL", _("Serious medical condition")
    OLDER_PERSON = "OLDER_PERSON", _("Older person")
    INDIGENOUS = "INDIGENOUS", _("Indigenous person")
    VICTIM_OF_CRIME_IN_TRANSIT = "VICTIM_OF_CRIME_IN_TRANSIT", _("Victim of a crime in transit")


class AssistanceType(models.TextChoices):
    """What a line of the budget pays for."""

    SHEL = "SHEL", _("Shelter and accommodation")
    FOOD = "FOOD", _("Food and nutrition")
    WASH = "WASH", _("Water, sanitation and hygiene")
    NFI = "NFI", _("Clothing and essential items")
    HLTH = "HLTH", _("Medical care")
    MHPSS = "MHPSS", _("Mental health and psychosocial support")
    SAFE = "SAFE", _("Safety, security and relocation")
    LEGAL = "LEGAL", _("Legal assistance")
    INTERP = "INTERP", _("Interpretation and cultural mediation")
    DOCS = "DOCS", _("Travel and identity documents")
    FEES = "FEES", _("Official fees, fines and exit permits")
    FAMTR = "FAMTR", _("Family tracing, assessment and reunification")
    GUARD = "GUARD", _("Guardianship and best-interests procedure")
    PREDEP = "PREDEP", _("Pre-departure counselling and fit-to-travel check")
    TRVL = "TRVL", _("International travel")
    ESCORT = "ESCORT", _("Operational or medical escort")
    INTRAN = "INTRAN", _("Local and onward transport")
    POCK = "POCK", _("Travel pocket money")
    RECEP = "RECEP", _("Reception after arrival")
    EDUC = "EDUC", _("Education")
    SKILL = "SKILL", _("Vocational and skills training")
    LIVE = "LIVE", _("Livelihood or small business grant")
    HOUSE = "HOUSE", _("Housing support after return")
    CHILDC = "CHILDC", _("Childcare support")
    CASH = "CASH", _("Multi-purpose cash")
    VOUCH = "VOUCH", _("Voucher")
    XFEE = "XFEE", _("Cash transfer fee")
    MONIT = "MONIT", _("Monitoring and follow-up visits")


class Stage(models.TextChoices):
    """When in the journey a type of help is usual."""

    IMMEDIATE = "IMMEDIATE", _("Immediate help")
    RECOVERY = "RECOVERY", _("Recovery")
    TRAVEL = "TRAVEL", _("Travel")
    REINTEGRATION = "REINTEGRATION", _("Reintegration")
    ANY = "ANY", _("At any time")


class Evidence(models.TextChoices):
    """What proves that the money was spent as approved."""

    INVOICE = "INVOICE", _("supplier’s invoice")
    SIGNATURE = "SIGNATURE", _("signature of the person assisted")
    BOTH = "BOTH", _("invoice and signature")


@dataclass(frozen=True)
class TypeFacts:
    """Where a type belongs, what it is counted in, and what proves it."""

    stage: Stage
    unit: str
    evidence: Evidence


class Unit(models.TextChoices):
    """What a line counts."""

    PERSON_NIGHT = "person-night", _("person-night")
    PERSON_DAY = "person-day", _("person-day")
    PERSON = "person", _("person")
    KIT = "kit", _("kit")
    TREATMENT = "treatment", _("treatment")
    SESSION = "session", _("session")
    CALL = "call", _("session by telephone or video")
    SERVICE = "service", _("service")
    HOUR = "hour", _("hour")
    DOCUMENT = "document", _("document")
    ITEM = "item", _("item")
    FAMILY = "family", _("family")
    PROCEDURE = "procedure", _("procedure")
    TICKET = "ticket", _("ticket")
    TRIP = "trip", _("trip")
    SEAT = "seat", _("seat")
    TERM = "term", pgettext_lazy("school", "term")
    COURSE = "course", _("course")
    GRANT = "grant", _("grant")
    MONTH = "month", _("month")
    TRANSFER = "transfer", _("transfer")
    VOUCHER = "voucher", _("voucher")
    FEE = "fee", _("fee")
    VISIT = "visit", _("visit")


_I, _M, _R, _N, _ANY = Stage.IMMEDIATE, Stage.RECOVERY, Stage.TRAVEL, Stage.REINTEGRATION, Stage.ANY
_INV, _SIG, _BOTH = Evidence.INVOICE, Evidence.SIGNATURE, Evidence.BOTH
TYPE_FACTS: dict[str, TypeFacts] = {
    "SHEL": TypeFacts(_I, "person-night", _INV),
    "FOOD": TypeFacts(_I, "person-day", _BOTH),
    "WASH": TypeFacts(_I, "kit", _SIG),
    "NFI": TypeFacts(_I, "kit", _SIG),
    "HLTH": TypeFacts(_I, "treatment", _INV),
    "MHPSS": TypeFacts(_M, "session", _INV),
    "SAFE": TypeFacts(_I, "service", _INV),
    "LEGAL": TypeFacts(_M, "service", _INV),
    "INTERP": TypeFacts(_ANY, "hour", _INV),
    "DOCS": TypeFacts(_R, "document", _INV),
    "FEES": TypeFacts(_R, "item", _INV),
    "FAMTR": TypeFacts(_M, "family", _INV),
    "GUARD": TypeFacts(_M, "procedure", _INV),
    "PREDEP": TypeFacts(_R, "person", _INV),
    "TRVL": TypeFacts(_R, "ticket", _INV),
    "ESCORT": TypeFacts(_R, "trip", _INV),
    "INTRAN": TypeFacts(_R, "trip", _INV),
    "POCK": TypeFacts(_R, "person", _SIG),
    "RECEP": TypeFacts(_R, "person", _INV),
    "EDUC": TypeFacts(_M, "term", _INV),
    "SKILL": TypeFacts(_N, "course", _INV),
    "LIVE": TypeFacts(_N, "grant", _BOTH),
    "HOUSE": TypeFacts(_N, "month", _INV),
    "CHILDC": TypeFacts(_M, "month", _BOTH),
    "CASH": TypeFacts(_I, "transfer", _SIG),
    "VOUCH": TypeFacts(_I, "voucher", _SIG),
    "XFEE": TypeFacts(_ANY, "fee", _INV),
    "MONIT": TypeFacts(_N, "visit", _INV),
}
# What can be given by telephone or video as well: virtual counselling and whatever else is talked through.
BY_CALL = ("MHPSS", "LEGAL", "INTERP", "PREDEP", "FAMTR", "EDUC", "SKILL", "MONIT")


def why_not_by_call(assistance_type: str, unit: str) -> str:
    """Why help of a kind cannot be counted in calls; empty where it can, or is counted otherwise."""
    if unit != Unit.CALL or assistance_type in BY_CALL:
        return ""
    return gettext("This help is not given by telephone or video.")


# What a duty officer may allow before the request is decided.
URGENT_TYPES = ("SHEL", "FOOD", "NFI", "HLTH", "SAFE", "INTERP")
# What may be done for somebody who could not agree yet, or does not agree any more.
LIFE_SAVING_TYPES = (*URGENT_TYPES, "WASH")


class Priority(models.TextChoices):
    """How soon a decision is needed."""

    P1 = "P1", _("Life or safety in danger now")
    P2 = "P2", _("Within 72 hours")
    P3 = "P3", _("Within a week")
    P4 = "P4", _("Can be planned")


class Language(models.TextChoices):
    """The language a request is written in."""

    EN = "en", _("English")
    FR = "fr", _("French")
    ES = "es", _("Spanish")


class Sex(models.TextChoices):
    """As the person says."""

    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    OTHER = "X", _("Other")
    UNKNOWN = "U", _("Not known")


class Disability(models.TextChoices):
    """What the person says of seeing, hearing, walking, remembering, looking after oneself and being understood.

    Much difficulty with one of the six is a disability, as the Washington Group's short set counts it. Asking is never
    a condition of help, and nobody is asked where the question endangers.
    """

    NOT_ASKED = "NOT_ASKED", _("Not asked")
    YES = "YES", _("Much difficulty")
    NO = "NO", _("Little or none")


class AgeBand(models.TextChoices):
    """Age in bands; a date of birth is never kept here."""

    UNDER_5 = "0-4", _("0 to 4")
    FROM_5 = "5-11", _("5 to 11")
    FROM_12 = "12-14", _("12 to 14")
    FROM_15 = "15-17", _("15 to 17")
    FROM_18 = "18-24", _("18 to 24")
    FROM_25 = "25-39", _("25 to 39")
    FROM_40 = "40-59", _("40 to 59")
    FROM_60 = "60+", _("60 or older")
    UNKNOWN_CHILD = "child", _("Child, age not known")
    UNKNOWN_ADULT = "adult", _("Adult, age not known")


CHILD_BANDS = ("0-4", "5-11", "12-14", "15-17", "child")


class ConsentMode(models.TextChoices):
    """How the person agreed that their data are used."""

    WRITTEN = "WRITTEN", _("In writing")
    THUMBPRINT = "THUMBPRINT", _("By thumbprint, after it was read out")
    AUDIO = "AUDIO", _("On an audio recording that the mission keeps")
    VERBAL = "VERBAL", _("Orally, certified by the case worker")
    EXCEPTION = "EXCEPTION", _("Not possible yet, for a documented reason")


class ConsentGiver(models.TextChoices):
    """Who agreed."""

    SELF = "SELF", _("The persons themselves")
    GUARDIAN = "GUARDIAN", _("A guardian or the competent authority, with the child’s agreement")
    REPRESENTATIVE = "REPRESENTATIVE", _("A lawful representative")


class ConsentPurpose(models.TextChoices):
    """What the person agreed to."""

    ASSISTANCE = "ASSISTANCE", _("Getting help")
    SHARING = "SHARING", _("Sharing with the other missions of this request")
    REFERRAL = "REFERRAL", _("Referral to another service")


class AlternativeAnswer(models.TextChoices):
    """What a programme said when it was asked for help."""

    NO_FUNDS = "NO_FUNDS", _("No funds")
    NOT_COVERED = "NOT_COVERED", _("This person or need is not covered")
    TOO_LATE = "TOO_LATE", _("Help would come too late")
    COVERS_PART = "COVERS_PART", _("Covers a part")
    COVERS = "COVERS", _("Covers it")
    NO_ANSWER = "NO_ANSWER", _("No answer yet")
    NONE_EXISTS = "NONE_EXISTS", _("No such programme exists")


class DocumentKind(models.TextChoices):
    """What a document is about."""

    CONSENT = "CONSENT", _("Consent form")
    ASSESSMENT = "ASSESSMENT", _("Assessment")
    QUOTE = "QUOTE", _("Quote")
    REFERRAL = "REFERRAL", _("Referral note")
    EVIDENCE = "EVIDENCE", _("Proof of spending")
    OTHER = "OTHER", pgettext_lazy("document", "Other")


class Section(models.TextChoices):
    """The parts of a request that can be asked about, and are open to change while they are."""

    PERSONS = "PERSONS", _("Persons")
    CONSENT = "CONSENT", _("Consent")
    SITUATION = "SITUATION", _("Situation")
    CATEGORY = "CATEGORY", _("Category")
    ALTERNATIVES = "ALTERNATIVES", _("Other help asked")
    HELP = "HELP", _("Help needed")
    URGENCY = "URGENCY", _("Urgency")
    PLAN = "PLAN", _("Assistance plan")
    LINES = "LINES", _("Budget lines")
    DOCUMENTS = "DOCUMENTS", _("Documents")


STATELESS = "XXA"
# ISO 3166-1 alpha-2, maintained by ISO; the code of the stateless is ISO/IEC 7501-1's.
_ISO_3166_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
_ISO_3166 = _ISO_3166_CODES.split()
# ICAO 9303’s code for a nationality nobody could say yet.
NATIONALITY_NOT_KNOWN = "XXX"
NATIONALITIES = (*_ISO_3166, STATELESS, NATIONALITY_NOT_KNOWN)


@lru_cache(maxsize=8)
def _country_names(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(language).territories
    return tuple(sorted(((code, str(names.get(code, code))) for code in _ISO_3166), key=lambda pair: pair[1]))


def nationality_choices() -> list[tuple[str, str]]:
    """Countries by name in the reader's language, then stateless, then not known."""
    last = [(STATELESS, str(_("Stateless"))), (NATIONALITY_NOT_KNOWN, str(_("Not known")))]
    return [*_country_names((get_language() or "en")[:2]), *last]


def country_name(code: str) -> str:
    """The name of a country in the reader's language."""
    return dict(nationality_choices()).get(code, code)
