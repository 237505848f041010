"""A text as a QR code: SVG inside a page, dark on light in either colour scheme."""

import io

import segno
from markupsafe import Markup


def qr_code(text: str, *, error: str = "m") -> Markup | None:
    """The picture, or None for a text that no code can hold (2,331 letters at level M; ISO/IEC 18004, table 7)."""
    out = io.BytesIO()
    plain = {"xmldecl": False, "svgns": False, "svgclass": "qr", "lineclass": None, "omitsize": True}
    try:
        segno.make(text, error=error, micro=False).save(out, kind="svg", light="#fff", dark="#000", **plain)
    except segno.DataOverflowError:
        return None
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - drawn here; the text becomes squares, not markup
