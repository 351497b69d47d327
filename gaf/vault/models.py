"""The vault has no table: keys of cases live in its store, outside the database (`gaf/vault/store.py`)."""
