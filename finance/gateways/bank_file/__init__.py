"""The bank-file rail: orders go out as ISO 20022 pain.001, statements come back as camt.053. No database."""
