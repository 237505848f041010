"""How the shared civil-status software numbers dossiers (Circular 04/2025/TT-VPCP Art. 23; agency code assumed)."""

from typing import Final

JUSTICE_AGENCY: Final = "G15.899.03"
JUSTICE: Final = "15"
"""The two digits of the ministry that owns the system (public-services.md section 4)."""
