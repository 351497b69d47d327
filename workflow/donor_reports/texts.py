"""What no text for a donor may hold, whoever ticked that it is right: numbers of our records, and secrets."""

from __future__ import annotations

import re

# A request, a person, a payee, a disbursement: by any of them somebody inside could be found.
_OUR_RECORDS = re.compile(r"(?<![A-Za-z0-9])(?:GAF|P|PAY|R|ERA|HIT|FILE)-?(?:19|20)\d{2}-?\d{4,}", re.IGNORECASE)
_SECRETS = (
    re.compile(r"-----BEGIN [A-Z ]+-----"),
    re.compile(r"(?<![A-Za-z0-9])(?:sk|rk|pk|whsec)_[A-Za-z0-9_]{8,}"),
    re.compile(r"(?:password|passphrase|mot de passe|contraseña)\s*[:=]\s*\S", re.IGNORECASE),
    re.compile(
        r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
    ),
    re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9+/_]{32,}(?![A-Za-z0-9])"),
)


def names_a_record(text: str) -> bool:
    """Whether a number of a request, or of what belongs to one, stands in a text."""
    return bool(_OUR_RECORDS.search(text))


def holds_a_secret(text: str) -> bool:
    """Whether something in a text looks like a password, a key or the number of a bank account."""
    return any(pattern.search(text) for pattern in _SECRETS)
