"""What the package shows to others."""

import keys


def test_every_exported_name_is_there_and_explained():
    """The face of the package names nothing twice (ruff keeps its order), and each name has a docstring."""
    assert len(set(keys.__all__)) == len(keys.__all__)
    for name in keys.__all__:
        assert getattr(keys, name).__doc__
