"""Stand-ins for the outside world, for the demo and the tests: they speak its formats, and know no database."""
