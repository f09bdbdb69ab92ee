"""Lines of kinds that mailcow's own traffic seldom has come out right; each case names where such lines are
logged or were posted. Hosts and addresses are changed."""

import json
from pathlib import Path

import pytest

from tests.trace.telling import told

CASES = json.loads((Path(__file__).parent.parent / "samples" / "odd-lines.json").read_text())
OF_PEOPLE = ("people", "attempts")


def rows(lines):
    """(second, program, text) of `second program: text`."""
    for line in lines:
        second, _, rest = line.partition(" ")
        program, _, text = rest.partition(": ")
        yield int(second), program if program.startswith("postfix-") else f"postfix/{program}", text


@pytest.mark.parametrize("case", CASES, ids=[f"{case['name']} ({case['origin']})" for case in CASES])
def test_a_mail_is_told_as_it_happened(case):
    found = told(rows(case["postfix"]))
    assert len(found) == len(case["expected"])
    for mail, wanted in zip(found, case["expected"], strict=True):
        shown = {name: getattr(mail, name) for name in wanted if name not in OF_PEOPLE}
        assert shown == {name: wanted[name] for name in shown}
        if "people" in wanted:
            assert mail.outcomes_by_recipient == wanted["people"]
        if "attempts" in wanted:
            assert [person.attempts for person in mail.people] == [wanted["attempts"]]
