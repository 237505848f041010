"""What the package shows to others."""

import keys.proof
from keys.proof.refusals import DESCRIPTIONS


def test_every_exported_name_is_there_and_explained():
    """Each name of `__all__` exists and has a docstring or is a plain constant."""
    assert len(set(keys.proof.__all__)) == len(keys.proof.__all__)
    for name in keys.proof.__all__:
        value = getattr(keys.proof, name)
        assert isinstance(value, frozenset) or value.__doc__


def test_descriptions_are_in_the_character_set_of_the_protocol():
    """RFC 6749 section 5.2: %x20-21 / %x23-5B / %x5D-7E."""
    for text in DESCRIPTIONS.values():
        assert all(" " <= sign <= "~" and sign not in '"\\' for sign in text)
