"""Chip data of an identity card (ICAO Doc 9303 part 10): data groups 1 and 13, the signed hashes over them.

Passive authentication proves that the data are genuine, not that the chip is the original (part 11 section 5.1).
"""
