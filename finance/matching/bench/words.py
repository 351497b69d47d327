"""Invented payees, how banks write them, and what strangers write: for the generator only."""

from __future__ import annotations

from finance.matching.bench.dice import Dice

_FIRST = (
    "Safe Northgate Riverbend Hillcrest Lakeview Green Open Second Morning Harbour Bridge Palm Cedar Acacia Desert "
    "Ocean Summit Valley Sunrise Lantern Anchor Compass Horizon Willow Baobab Coral Marula Savanna Monsoon Saffron"
)
_SECOND = (
    "House Clinic Shelter Transport Pharmacy Hostel Legal Travel School Kitchen Supplies Foundation Guesthouse "
    "Laboratory Logistics Counselling Training Market Bakery Tailoring Housing Medical Interpreters Workshop"
)
_THIRD = "Ltd SARL SA GmbH Cooperative Association Services Group Centre Network Trust Partners"
_TOWN = (
    "Niamey Agadez Tapachula Tunis Sfax Dakar Bamako Nairobi Manila Amman Dhaka Lima Quito Bogota Accra Lagos "
    "Sarajevo Tirana Tbilisi Hanoi Colombo Kathmandu Kampala Lusaka"
)
_STRANGE = (
    '=cmd|"/c calc"!A0',
    "+1-1",
    "@SUM(A1:A9)",
    "<script>alert(1)</script>",
    "'; DROP TABLE lines; --",
    "RF00 0000 0000 0000",
    "RF RF RF RF RF",
    "\u202eECNEREFER",
    "１２３４５６",
    "PAYMENT " * 20,
    "RF18O0O0I1I1",
)
_PLAIN = ("PAYMENT", "TRANSFER", "INVOICE", "ASSISTANCE", "ORDER", "", "VIR SEPA", "SWIFT TRF", "REF NONREF")


def payee_names(count: int, dice: Dice) -> list[str]:
    """Names of organisations that do not exist; some differ in one word only."""
    words = [row.split() for row in (_FIRST, _SECOND, _TOWN, _THIRD)]
    return [" ".join(dice.pick(row) for row in words) for _number in range(count)]


def as_a_bank_writes(name: str, dice: Dice) -> str:
    """Capitals; often reordered, cut or misspelt, sometimes all three."""
    words = name.upper().split()
    if dice.percent(25):
        dice.shuffle(words)
    if dice.percent(20):
        words = words[: max(2, len(words) - 1)]
    written = " ".join(words)
    if dice.percent(20):
        written = written[: dice.between(14, 27)].strip()
    if dice.percent(30):
        written = _misspelt(written, dice)
    return written


def _misspelt(written: str, dice: Dice) -> str:
    place = dice.below(len(written))
    kind = dice.below(3)
    if kind == 0:
        return written[:place] + written[place + 1 :]
    if kind == 1:
        return written[:place] + dice.pick("AEIOURSTLN") + written[place + 1 :]
    return written[:place] + written[place : place + 2][::-1] + written[place + 2 :]


def plain_text(dice: Dice) -> str:
    """What stands in a line that names nothing."""
    return dice.pick(_STRANGE) if dice.percent(3) else dice.pick(_PLAIN)


def as_people_write(reference: str, dice: Dice) -> tuple[str, str]:
    """A reference in the end-to-end field or somewhere in the text: (end to end, text)."""
    way = dice.below(100)
    if way < 55:
        return reference, plain_text(dice)
    if way < 60:
        return reference.lower(), ""
    grouped = " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))
    if way < 75:
        return "", f"/ROC/{grouped}"
    if way < 85:
        return "", f"your ref {reference.lower()} thanks"
    if way < 93:
        return "", "INV " + reference[:2] + reference[2:].replace("0", "O").replace("1", "I")
    return "", f"PAYMENT/{reference[:9]}-{reference[9:]}/URGENT"
