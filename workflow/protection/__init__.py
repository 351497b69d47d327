"""What protects the person behind a request: gates before money and travel, consent, screening and assessment."""
