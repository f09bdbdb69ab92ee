"""Status codes and outcomes in plain words."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from webapp.messages.dsn import MEANINGS, meaning
from webapp.messages.summary import summary_of

# How many details each subject has in the IANA registry of SMTP enhanced status codes, .0 among them.
REGISTERED = {0: 1, 1: 11, 2: 5, 3: 7, 4: 8, 5: 7, 6: 11, 7: 31}
WHEN = datetime(2026, 1, 8, 1, 34, tzinfo=UTC)


@dataclass
class Person:
    status: str
    recipient: str = "a@x.example"
    orig_to: str | None = None
    dsn: str | None = None
    response: str | None = None
    folder: str | None = None
    filter: str | None = None


@dataclass
class Mail:
    final_status: str | None = None
    kind: str = "queue"
    service: str | None = "smtpd"
    correlation: str = "open"
    recipient_count: int = 1
    last_seen: datetime = WHEN
    queued_at: datetime | None = None
    ended_at: datetime | None = None
    held_at: datetime | None = None
    is_spam: bool = False
    people: list = field(default_factory=list)

    @property
    def recipients(self):
        return [person.recipient for person in self.people]


def test_every_registered_code_has_words_and_no_other():
    codes = {f"{subject}.{detail}" for subject, count in REGISTERED.items() for detail in range(count)}
    assert set(MEANINGS) == codes
    assert len(set(MEANINGS.values())) == len(MEANINGS) - 1  # 6.10 is 6.9 again


@pytest.mark.parametrize(
    ("code", "reply", "words"),
    [
        ("5.5.0", None, "another error in the mail protocol (permanent)"),
        ("4.2.2", "452 4.2.2 full", "the mailbox is full (temporary)"),
        (
            "5.7.1",
            "554 5.7.1 <a@y>: Relay access denied",
            "this server does not relay for that sender (permanent)",
        ),
        ("5.7.99", None, "problem with the security or policy (permanent)"),
        ("5.9.9", None, None),
        (None, "no code", None),
    ],
)
def test_a_code_in_words(code, reply, words):
    assert meaning(code, "bounced", reply) == words


@pytest.mark.parametrize(
    ("mail", "sentence"),
    [
        (
            Mail("rejected", people=[Person("rejected", dsn="4.7.1")]),
            "The mail was refused for now for a@x.example: not authorised: the sender or the content is "
            "refused by policy (temporary); the other side will try again.",
        ),
        (
            Mail("deferred", queued_at=WHEN, ended_at=WHEN, people=[Person("deferred")]),
            "The mail was waiting in the queue for a@x.example when it was requeued: it goes on under "
            "another queue id.",
        ),
        (Mail(held_at=WHEN), "The mail is on hold until an administrator releases it."),
        (
            Mail(correlation="expired"),
            "The mail has no outcome: no more was logged since 2026-01-08 01:34 UTC.",
        ),
        (Mail(queued_at=WHEN), "The mail is in the queue: no outcome has been logged yet."),
        (Mail(ended_at=WHEN), "The mail never came in whole: the sending side broke off."),
        (
            Mail("deferred", queued_at=WHEN, recipient_count=77, people=[Person("deferred")]),
            "The mail has different outcomes so far: in progress for 76 and still waiting for 1 of 77 "
            "recipients; it will be tried again.",
        ),
        (
            Mail("discarded", ended_at=WHEN, recipient_count=77, people=[Person("discarded")]),
            "The mail was accepted and thrown away for all 77 recipients.",
        ),
        (
            Mail("delivered", queued_at=WHEN, ended_at=WHEN, recipient_count=3, people=[Person("delivered")]),
            "The mail had different outcomes: without an outcome in the log for 2 and delivered for 1 of 3 "
            "recipients.",
        ),
        (
            Mail("delivered", service="quarantine_notice", people=[Person("delivered")]),
            "This notification from the mail server was delivered to a@x.example.",
        ),
    ],
)
def test_what_happened_in_one_sentence(mail, sentence):
    assert summary_of(mail, mail.people) == sentence
