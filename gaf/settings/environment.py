"""Reads settings from the environment and remembers each with its meaning, so the list of settings writes itself."""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Setting:
    """One name in the environment: what it means and what it is when nobody says."""

    name: str
    default: str
    meaning: str


KNOWN: dict[str, Setting] = {}


def setting(name: str, default: str, meaning: str) -> str:
    """The environment's value of `name`, or `default`."""
    KNOWN[name] = Setting(name, default, meaning)
    return os.environ.get(name, default)


def never_live(key: str) -> str:
    """The same key of Stripe. Raises ImproperlyConfigured for a live account's: what is invented moves no money."""
    if "_live_" in key:
        raise ImproperlyConfigured("STRIPE_API_KEY is of a live account, and these settings are for training.")
    return key
