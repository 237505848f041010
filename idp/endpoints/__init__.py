"""Machine-facing HTTP: bytes in, a value for the rules, an outcome, bytes out. Nothing is judged here."""
