"""Accounts: people, missions, what each may do and how much each may approve."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who people are."""

    name = "gaf.accounts"
    label = "accounts"
