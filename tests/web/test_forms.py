"""No field of any form takes control characters: a 400, before anything is done with them."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.auth.test_guard import CREDENTIALS, basic, routes
from tests.auth.test_login import token

EXAMPLES = 20 * int(os.environ.get("FUZZ", "1"))
FIELDS = (
    "do",
    "ids",
    "back",
    "matching",
    "class",
    "username",
    "password",
    "next",
    "name",
    "role",
    "days",
    "limit",
)
CONTROLS = [chr(n) for n in (*range(9), 11, 12, *range(14, 32), 127)]
AROUND = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def app(make_app):
    return make_app(
        **CREDENTIALS, mailcow_url="http://127.0.0.1:1", mailcow_api_key="k", mailcow_api_key_rw="k"
    )


@pytest.fixture
def forms(app):
    """(client, paths of all forms, a token that they take)."""
    client = app.test_client()
    paths = sorted(
        {path for _, method, path in routes(app) if method == "POST" and not path.startswith("/api/")}
    )
    csrf = token(client)
    return client, paths, {"csrf_token": csrf}


def send(forms, path, fields):
    client, _, csrf = forms
    header = basic("admin", CREDENTIALS["auth_password"])
    return client.post(path, data={**csrf, **fields}, headers=header)


def test_every_form_refuses_every_control_character_in_every_field(forms):
    asked, taken = 0, []
    for number, path in enumerate(forms[1]):
        for place, field in enumerate(FIELDS):
            sign = CONTROLS[(number * len(FIELDS) + place) % len(CONTROLS)]
            answer = send(forms, path, {field: f"a{sign}b"})
            asked += 1
            if answer.status_code != 400 or not re.search(
                "control characters", answer.get_data(as_text=True)
            ):
                taken.append((path, field, repr(sign), answer.status_code))
    assert asked > 150
    assert taken == []


@hypothesis_settings(max_examples=EXAMPLES)
@given(before=AROUND, after=AROUND, sign=st.sampled_from(CONTROLS), place=st.integers(0, 10_000))
def test_whatever_stands_around_them(forms, before, after, sign, place):
    path, field = forms[1][place % len(forms[1])], FIELDS[place % len(FIELDS)]
    assert send(forms, path, {field: before + sign + after}).status_code == 400


def test_the_same_forms_take_other_letters(forms):
    codes = {path: send(forms, path, {"do": "é\t\r\nü", "name": "ß"}).status_code for path in forms[1]}
    assert "control characters" not in send(forms, "/queue/actions", {"do": "é"}).get_data(as_text=True)
    assert [path for path, code in codes.items() if code >= 500] == []
