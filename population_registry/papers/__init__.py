"""What a card says: its QR line, its machine-readable zone, its chip. Read strictly, written for demo cards.

Only a chip proves anything (passive authentication); the other two spare typing.
"""
