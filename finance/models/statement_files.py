"""The bank's files as they came, and how a bank writes the columns of its lists."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StatementFile(models.Model):
    """A file of the bank, kept as its bytes came. The same bytes under another name are the same file."""

    sha256 = models.CharField(max_length=64, unique=True)
    stored_as = models.CharField(max_length=60)
    name = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField()
    format = models.CharField(max_length=20)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["-kept_at", "-id"]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """How the file is named in addresses: the first quarter of its SHA-256."""
        return self.sha256[:16]


class CsvMapping(models.Model):
    """How one bank writes its lists: which column is what, and how it writes numbers and days. Never edited: a changed
    mapping is a new version."""

    class DateOrder(models.TextChoices):
        DAY_FIRST = "DMY", _("day, month, year (31/12/2026)")
        MONTH_FIRST = "MDY", _("month, day, year (12/31/2026)")
        YEAR_FIRST = "YMD", _("year, month, day (2026-12-31)")

    class DecimalMark(models.TextChoices):
        POINT = ".", _("point (1,234.56)")
        COMMA = ",", _("comma (1.234,56)")

    name = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    bank_account = models.ForeignKey("finance.BankAccount", on_delete=models.PROTECT, related_name="csv_mappings")
    delimiter = models.CharField(max_length=1, default=";")
    decimal_mark = models.CharField(max_length=1, choices=DecimalMark.choices)
    date_order = models.CharField(max_length=3, choices=DateOrder.choices)
    columns = models.JSONField()  # {"booked_on": "Booking date", "amount": "Amount", …}: ours to the bank's heading
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="csv_mapping_version_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"
