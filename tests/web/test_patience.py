"""A slow machine waits longer, by one factor that is checked when a process starts."""

import pytest

from web.patience import VARIABLE, factor


def test_limits_are_lengthened_by_what_the_machine_says():
    """Nothing said, or said as nothing: an ordinary machine; a number from 1 to 60 is taken as it is."""
    assert factor({}) == factor({VARIABLE: ""}) == 1
    assert factor({VARIABLE: "6"}) == 6
    assert factor({VARIABLE: "1.5"}) == 1.5


@pytest.mark.parametrize("text", ["0", "0.5", "-6", "61", "nan", "inf", "six", "6 s"])
def test_what_is_no_such_number_stops_the_start(text: str):
    """A limit of zero would refuse everything, an endless one would hold everybody: the process says so and ends."""
    with pytest.raises(ValueError, match=VARIABLE):
        factor({VARIABLE: text})
