"""What belongs to the frame of every page stays what it is."""

import pytest
from fastapi import Request

from tests.web.gallery.app import create_app
from web.pages import OF_THE_LAYOUT


@pytest.mark.parametrize("name", sorted(OF_THE_LAYOUT))
def test_no_page_gives_a_name_of_the_layout_another_meaning(name: str) -> None:
    """A page with a value of its own called ``home`` once led the name of the service nowhere."""
    pages = create_app().state.web.pages
    with pytest.raises(ValueError, match=name):
        pages.render(Request({"type": "http", "headers": []}), "out.html", **{name: "mine"})
