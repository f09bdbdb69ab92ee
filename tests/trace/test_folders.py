"""Which folder a mail was put into is told as Dovecot stored it, whenever Dovecot's lines come."""

import pytest

from tests.samples import recorded
from tests.trace.judge import Judge, leaves_a_trace
from webapp.parse.address import untagged

MAILS = [mail for mail in recorded.load("truth")["messages"] if leaves_a_trace(mail)]


@pytest.fixture(scope="module")
def judge(recorded_viewer):
    return Judge(recorded_viewer.app.test_client())


def wanted(mail):
    """Mailbox of ours -> its folder, as the delivered files have it."""
    targets = [target for each in mail["recipients"] for target in each.get("targets") or [each]]
    return {
        target.get("address"): target["folder"]
        for target in targets
        if target.get("relay_kind") == "local"
        and (target.get("folder") or "(")[0] != "("
        and not target["folder"].startswith("sim:")
    }


def test_every_folder_of_the_recorded_mail_is_told(judge):
    right, wrong = 0, []
    for mail in MAILS:
        if not mail["queue_id_accepted"]:
            continue
        (row,) = judge.by_queue_id[mail["queue_id_accepted"][-1]]
        shown = {each["recipient"].lower(): each["folder"] for each in judge.detail(row)["deliveries"]}
        for address, folder in wanted(mail).items():
            if folder in (shown.get(address.lower()), shown.get(untagged(address))):
                right += 1
            else:
                wrong.append((mail["n"], mail["scenario"], address, folder, shown))
    assert wrong == []
    assert right == 222
