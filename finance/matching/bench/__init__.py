"""How good matching is: a generator with known truth, three other rule sets on the same data, and the score of each."""
