"""QR codes inside pages."""

from web.qr_codes import qr_code


def test_a_text_becomes_squares() -> None:
    """The text itself is nowhere in the markup, whatever it holds; the same text gives the same picture."""
    picture = qr_code("<script>alert(1)</script>")
    assert picture is not None
    assert picture.startswith("<svg")
    assert "script" not in picture
    assert picture == qr_code("<script>alert(1)</script>")


def test_a_text_too_long_for_any_code_is_said() -> None:
    """ISO/IEC 18004: version 40 holds 2,953 bytes at level L and 2,331 at M."""
    assert qr_code("x" * 2_953, error="l") is not None
    assert qr_code("x" * 2_954, error="l") is None
    assert qr_code("x" * 2_332) is None
