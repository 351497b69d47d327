"""The fund's money as told to the world: a file of the International Aid Transparency Initiative (IATI 2.03).

Never one activity for one case: the fund's year, and below it one activity for each region with enough people.
"""
