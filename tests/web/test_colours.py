"""The colours of outcomes in both themes: apart for normal, deutan and protan sight, outlined where they are
faint, and text on its tint readable. Read from the stylesheet and computed."""

import itertools
import math
import re

import pytest

from webapp.config import ROOT

THEME = (ROOT / "webapp/static/src/theme.css").read_text()
LIGHT, DARK, DARK_BY_SYSTEM = re.split(r"\[data-theme=\"dark\"\] \{|:root:not\(\[data-theme\]\) \{", THEME)
THEMES = {"light": LIGHT, "dark": DARK, "dark by the system": DARK_BY_SYSTEM}
FAMILIES = ("good", "bad", "waiting", "failed", "refused")
INKS = ("delivered", "deferred", "failed", "spam", "expired", "refused", "discarded", "pending")
SIGHTS = {  # Machado, Oliveira and Fernandes 2009, severity 1, over linear sRGB
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}
TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
FROM_LAB = (
    (1, 0.3963377774, 0.2158037573),
    (1, -0.1055613458, -0.0638541728),
    (1, -0.0894841775, -1.291485548),
)
FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def times(matrix, vector):
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def rgb(theme, name):
    """Linear sRGB (0 to 1) of a colour of the theme."""
    found = re.search(rf"--{name}: oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)", theme)
    light, chroma, hue = float(found[1]) / 100, float(found[2]), math.radians(float(found[3]))
    lms = times(FROM_LAB, (light, chroma * math.cos(hue), chroma * math.sin(hue)))
    return tuple(min(max(one, 0), 1) for one in times(FROM_LMS, tuple(part**3 for part in lms)))


def distance(one, other, sight):
    """In OKLab, times 100, as that sight sees two colours."""
    seen = [tuple(min(max(part, 0), 1) for part in times(SIGHTS[sight], each)) for each in (one, other)]
    return 100 * math.dist(
        *(times(TO_LAB, tuple(part ** (1 / 3) for part in times(TO_LMS, each))) for each in seen)
    )


def contrast(one, other):
    """As WCAG 2 reckons it."""
    light, dark = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("sight", "least"), [("normal", 17.5), ("deutan", 14.5), ("protan", 13.2)])
@pytest.mark.parametrize("theme", THEMES)
def test_the_five_families_stay_apart(theme, sight, least):
    colours = [rgb(THEMES[theme], f"bar-{name}") for name in FAMILIES]
    assert min(distance(a, b, sight) for a, b in itertools.combinations(colours, 2)) > least


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_faint_has_an_outline(theme):
    page = rgb(THEMES[theme], "color-base-100")
    for name in (*FAMILIES, "none"):
        if contrast(rgb(THEMES[theme], f"bar-{name}"), page) < 3:
            assert contrast(rgb(THEMES[theme], f"line-{name}"), page) > 3, name


@pytest.mark.parametrize("theme", THEMES)
def test_the_words_of_badges_can_be_read(theme):
    faint = {
        name: ratio
        for name in INKS
        if (ratio := contrast(rgb(THEMES[theme], name), rgb(THEMES[theme], f"{name}-tint"))) < 4.5
    }
    assert faint == {}


def test_a_reckoning_that_is_known():
    assert contrast((1, 1, 1), (0, 0, 0)) == pytest.approx(21)
    assert distance((1, 1, 1), (0, 0, 0), "normal") == pytest.approx(100, abs=0.1)
