"""How long a case is kept, what keeps it longer, and what is left when its time is over."""
