"""The synthetic population registry: persons, households, residence, insurance, and what may be asked about them."""
