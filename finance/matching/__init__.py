"""Matching as pure arithmetic: lines of the bank and open items of ours in, proposals with their reasons out."""
