"""Lines of Dovecot 2.2 to 2.4; forms are from Pigeonhole's source, public issues and the recorded set."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.parse.dovecot import parse_dovecot, saved_session

PLAIN = ", method=PLAIN, rip=192.0.2.7, lip=::1"
FAILED = "imap-login: Disconnected (auth failed, "
HEAD = "lmtp(anna@a.example)<173><cFQsMvU9A2utAAAAbD9R0g>: sieve: msgid=<m@b.example>: "


@pytest.mark.parametrize(
    ("line", "event", "folder", "target", "by_rule"),
    [
        (HEAD + "stored mail into mailbox 'INBOX'", "stored", "INBOX", None, False),
        (HEAD + "fileinto action: stored mail into mailbox 'Junk'", "stored", "Junk", None, True),
        (HEAD + "fileinto action: stored mail into mailbox 'It's (odd)'", "stored", "It's (odd)", None, True),
        (
            HEAD + r"fileinto action: stored mail into mailbox [SPECIAL-USE \Junk]",
            "stored",
            "Junk",
            None,
            True,
        ),
        (HEAD + "keep action: stored mail into mailbox 'INBOX'", "stored", "INBOX", None, False),
        (HEAD + "stored mail into mailbox 'Co&APY-' (INBOX/Co&-APY-)", "stored", "Co&APY-", None, False),
        (HEAD.replace("sieve: ", "") + "saved mail to INBOX", "stored", "INBOX", None, False),
        (HEAD + "redirect action: forwarded to <x@c.example>", "forwarded", None, "x@c.example", True),
        (HEAD + "discarded duplicate forward to <x@c.example>", "suppressed", None, "x@c.example", True),
        (
            HEAD
            + "discard action: Marked message to be discarded if not explicitly delivered (discard action)",
            "discarded",
            None,
            None,
            True,
        ),
        (HEAD + "marked message to be discarded if not explicitly delivered", "discarded", None, None, True),
        (
            HEAD + "reject action: rejected message from <s@c.example> (reject)",
            "rejected",
            None,
            "s@c.example",
            True,
        ),
        (HEAD + "not sending reject message to <>", "rejected", None, None, True),
        (
            HEAD + "vacation action: sent vacation response to <s@c.example>",
            "answered",
            None,
            "s@c.example",
            True,
        ),
        (HEAD + "discarded vacation reply to <>", "unanswered", None, None, True),
        (
            HEAD + "discarded duplicate vacation response to <s@c.example>",
            "unanswered",
            None,
            "s@c.example",
            True,
        ),
        (HEAD + "failed to store into mailbox 'Nope' (INBOX/Nope): no such", "failed", None, "Nope", False),
        (HEAD + "failed to redirect message to <x@c.example>: refused", "failed", None, "x@c.example", False),
    ],
)
def test_what_became_of_a_delivery(line, event, folder, target, by_rule):
    found = parse_dovecot(line)
    assert (found.event, found.folder, found.target, found.by_rule) == (event, folder, target, by_rule)
    assert (found.username, found.session) == ("anna@a.example", "cFQsMvU9A2utAAAAbD9R0g")
    assert found.message_id == "<m@b.example>"


@pytest.mark.parametrize(
    "line",
    [
        "lmtp(anna@a.example)<1><s>: Error: sieve: msgid=<m@b.example>: stored mail into mailbox 'INBOX'",
        "lmtp(anna@a.example): s: sieve: msgid=<m@b.example>: stored mail into mailbox 'INBOX'",
        "lmtp(22587, Anna@a.example): s: msgid=<m@b.example>: saved mail to INBOX",
    ],
)
def test_the_heads_of_other_versions(line):
    found = parse_dovecot(line)
    assert (found.username, found.session, found.folder) == ("anna@a.example", "s", "INBOX")


def test_the_session_of_a_second_recipient():
    found = parse_dovecot("lmtp(anna@a.example): 4PRnE+JCz1o6:2: sieve: msgid=<m@b>: saved mail to INBOX")
    assert found.session == "4PRnE+JCz1o6:2"


def test_why_a_mail_was_not_stored():
    found = parse_dovecot(
        HEAD + "failed to store into mailbox 'INBOX': Quota exceeded (mailbox for user is full)"
    )
    assert (found.target, found.reason) == ("INBOX", "Quota exceeded (mailbox for user is full)")


def test_a_mail_without_message_id():
    assert (
        parse_dovecot(HEAD.replace("<m@b.example>", "unspecified") + "saved mail to INBOX").message_id is None
    )


@pytest.mark.parametrize(
    ("line", "ip", "protocol"),
    [
        (
            "imap-login: Login: user=<a@b>, method=PLAIN, rip=192.0.2.1, lip=::1, mpid=4, TLS",
            "192.0.2.1",
            "imap",
        ),
        ("imap-login: Logged in: user=<a@b>, rip=::ffff:192.0.2.1, lip=::1", "192.0.2.1", "imap"),
        ("managesieve-login: Login: user=<A@b>, method=PLAIN, rip=2001:db8::1", "2001:db8::1", "sieve"),
        ("pop3-login: Login: user=<a@b>, method=PLAIN, rip=192.0.2.1, session=<x>", "192.0.2.1", "pop3"),
    ],
)
def test_sign_ins(line, ip, protocol):
    found = parse_dovecot(line)
    assert (found.event, found.username, found.ip, found.protocol) == ("signed in", "a@b", ip, protocol)


FORGED = "imap-login: Logged in: user=<v@b>, method=PLAIN, rip=203.0.113.99, lip=::1"
READ = "Connection closed: read(size=988) failed: Connection reset by peer"
WORKER = "auth-worker(372): conn unix:auth-worker (pid=165,uid=401): auth-worker<472>: "


@pytest.mark.parametrize(
    ("line", "ip", "protocol", "attempts"),
    [
        (
            f"pop3-login: Disconnected: {READ} (auth failed, 3 attempts in 2 secs): user=<a>{PLAIN}, TLS",
            "192.0.2.7",
            "pop3",
            3,
        ),
        (
            f"imap-login: Aborted login (auth failed, 1 attempts in 17 secs): user=<a>{PLAIN}",
            "192.0.2.7",
            "imap",
            1,
        ),
        (
            "imap-login: Login aborted: Logged out (auth failed, 1 attempts in 2 secs) (auth_failed): "
            f"user=<x> {FORGED}>{PLAIN}",
            "192.0.2.7",
            "imap",
            1,
        ),
        (
            "auth: lua(s@b,192.0.2.7,<PHq>): Password mismatch (SHA1 of given password: 1a)",
            "192.0.2.7",
            None,
            1,
        ),
        (WORKER + "sql(s,2001:db8::7,<PHq0Yhg0>): unknown user", "2001:db8::7", None, 1),
        ("auth: passwd-file(x,192.0.2.7): unknown user (SHA1 of given password: 1a)", "192.0.2.7", None, 1),
        (
            "auth: lua(x,192.0.2.1): Password mismatch (,192.0.2.7,<s>): Password mismatch",
            "192.0.2.7",
            None,
            1,
        ),
    ],
)
def test_refused_sign_ins_and_whom_they_came_from(line, ip, protocol, attempts):
    found = parse_dovecot(line)
    assert (found.event, found.ip, found.protocol, found.attempts) == ("refused", ip, protocol, attempts)


@pytest.mark.parametrize(
    "line",
    [
        "lmtp(173): Connect from 172.22.1.250",
        "lmtp(a@b.example)<1><s>: sieve: Execution of script x failed",
        "imap-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=192.0.2.1, lip=::1",
        "imap(a@b.example)<1><s>: Logged out in=1 out=2",
        "auth: passwd-file(nobody@b.example,172.22.1.250): unknown user ",
        "auth: lua(a,192.0.2.1,<s>): Password mismatch (SHA1 of given password: 1) - trying the next passdb",
        "auth: lua(a,not an address): Password mismatch",
        "",
    ],
)
def test_lines_that_tell_of_neither(line):
    assert parse_dovecot(line) is None


FAKE = st.sampled_from(
    [": stored mail into mailbox 'Junk'", ": discard action: marked message to be discarded", "'"]
)


@given(st.lists(st.one_of(FAKE, st.text(max_size=9)), max_size=5).map("".join))
@example("x>: fileinto action: stored mail into mailbox 'Junk'")
@settings(max_examples=60)
def test_no_message_id_changes_what_is_told_of_the_delivery(message_id):
    line = f"lmtp(a@b.example)<1><s>: sieve: msgid=<{message_id}>: stored mail into mailbox 'INBOX'"
    found = parse_dovecot(line)
    assert (found.event, found.folder, found.by_rule) == ("stored", "INBOX", False)


@given(st.text(max_size=60).filter(lambda text: ">" not in text[-1:]))
@settings(max_examples=60)
def test_no_user_name_changes_where_an_attempt_came_from(user):
    found = parse_dovecot(f"{FAILED}1 attempts in 2 secs): user=<{user}>{PLAIN}")
    assert (found.event, found.ip, found.username) == ("refused", "192.0.2.7", user.lower())


STARTS = st.sampled_from(["lmtp(", HEAD, "auth: lua(a,192.0.2.1", "imap-login: Login: user=<", FAILED])


@given(STARTS, st.text(max_size=200))
@example("lmtp(", "a)<1><s>: msgid=" + ": stored" * 9)
@settings(max_examples=100)
def test_any_text_gives_a_line_or_nothing(start, rest):
    found = parse_dovecot(start + rest)
    assert found is None or found.username == found.username.lower()


def test_a_long_hostile_line_costs_no_more_than_its_length():
    parts = (
        ",1,<",
        ": stored ",
        "rip=1",
        "user=<",
        "(auth failed, 1 attempts",
        "> ",
        "lua(",
        ": failed to store",
    )
    for part in parts:
        for start in ("auth: lua(password", HEAD, FAILED + "1 attempts): user=<"):
            parse_dovecot(start + part * 200_000)


@pytest.mark.parametrize(
    ("reply", "session"),
    [
        ("250 2.0.0 <a@b.example> cFQsMvU9A2utAAAAbD9R0g Saved", "cFQsMvU9A2utAAAAbD9R0g"),
        ("250 2.0.0 <a@b.example> cFQsMvU9A2utAAAAbD9R0g:R2 Saved", "cFQsMvU9A2utAAAAbD9R0g:R2"),
        ("250 2.0.0 <a@b.example> cFQsMv", None),
        ("250 2.0.0 Ok: queued as 42F50AEF56", None),
        (None, None),
    ],
)
def test_the_session_in_a_reply(reply, session):
    assert saved_session(reply) == session
