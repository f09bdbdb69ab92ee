"""axe-core finds nothing on any page, and none scrolls sideways: here a third of them, in one theme and
width each; all of them in all by `make look`."""

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Page

from tools.look import PAGES, THEMES, WIDTHS, address, faults

LOOKS = list(product(THEMES, WIDTHS))


@pytest.mark.parametrize("number", range(len(LOOKS)))
def test_no_page_has_a_fault(open_page: Callable[..., Page], number: int) -> None:
    theme, (width, height) = LOOKS[number]
    page = open_page("/login", width, height, color_scheme=theme, forgive="404")
    found: dict[str, list[str]] = {}
    for name in list(PAGES)[number :: 3 * len(LOOKS)]:
        if path := address(page, name):
            page.goto(path)
            found[name] = faults(page)
    assert found
    assert not any(found.values()), found
