"""axe-core finds nothing on any page, and none scrolls sideways: here a third of them, in one theme and
width each; all of them in all by `make look`."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE, Site
from tools.look import PAGES, THEMES, WIDTHS, address, faults

LOOKS = list(product(THEMES, WIDTHS))


@pytest.fixture(scope="module")
def finder(browser: Browser, site: Site) -> Iterator[Page]:
    """A page for finding addresses."""
    page = browser.new_context(base_url=site.url).new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.context.close()


@pytest.mark.parametrize("number", range(len(LOOKS)))
def test_no_page_has_a_fault(open_page: Callable[..., Page], finder: Page, number: int) -> None:
    theme, (width, height) = LOOKS[number]
    page = open_page("/login", width, height, color_scheme=theme, forgive="404")
    found: dict[str, list[str]] = {}
    for name in list(PAGES)[number :: 3 * len(LOOKS)]:
        if path := address(finder, name):
            page.goto(path)
            found[name] = faults(page)
    assert found
    assert not any(found.values()), found
