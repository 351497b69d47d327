"""Screening of names against the United Nations consolidated list: reading it, and finding names that may be on it."""
