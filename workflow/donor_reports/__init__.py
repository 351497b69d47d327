"""What a donor is told of an agreement: eight questions answered, up to three more, and the figures of the ledger.

The form is the harmonised one of the Grand Bargain (8+3). Figures come from the ledger; persons only from tables that
are published already.
"""
