"""The table of requests. To measure another one, add a row; `samples.Samples.values` says what may stand in
braces."""

from dataclasses import dataclass

from webapp.messages.grouping import GROUPINGS

MEDIAN, P95 = "median", "p95"


@dataclass(frozen=True)
class Question:
    """A kind of request: group and name of its row, its path, and the target in milliseconds for the median
    or for p95.

    Before each `cold` one every cached figure is forgotten. A `first look` is of a period that nobody has
    asked for, so that no total is kept of it.
    """

    group: str
    name: str
    path: str
    target: float | None = 50
    of: str = P95
    cold: bool = False


QUESTIONS = (
    Question("messages", "newest page", "/api/messages?limit={limit}", 30, MEDIAN),
    Question("messages", "newest page, with its threads", "/api/messages?limit={limit}&threads=folded"),
    Question("messages", "page 100", "/api/messages?page={page}"),
    Question("messages", "search, rare term", "/api/messages?search={rare}", 50, MEDIAN),
    Question("messages", "search, common term", "/api/messages?search={common}", 50, MEDIAN),
    Question(
        "messages", "search, common term, first look", "/api/messages?search={common}&start_date={since}"
    ),
    Question("messages", "search, no hit", "/api/messages?search={none}", 50, MEDIAN),
    Question("messages", "search, 3 characters", "/api/messages?search={short}", 50, MEDIAN),
    Question("messages", "search, two words", "/api/messages?search={common}%20{rare}"),
    Question("messages", "search, words in fields", "/api/messages?search=from%3A{sender}%20{common}"),
    Question(
        "messages",
        "search, word, outcome, not",
        "/api/messages?search={common}%20status%3Abounced%20-{short}",
    ),
    Question("messages", "search, queue id", "/api/messages?search={queue_id}", 50, MEDIAN),
    Question("messages", "filter by sender", "/api/messages?sender={sender}"),
    Question("messages", "filter by recipient", "/api/messages?recipient={recipient}"),
    Question("messages", "filter by status=bounced", "/api/messages?status=bounced&limit={limit}"),
    Question(
        "messages",
        "filter by status=bounced, first look",
        "/api/messages?status=bounced&limit={limit}&start_date={since}",
    ),
    Question("messages", "filter by ip", "/api/messages?ip={ip}"),
    Question("messages", "filter by ip, first look", "/api/messages?ip={ip}&start_date={since}"),
    Question("messages", "details of a message", "/api/message/{key}/details", 30, MEDIAN),
    Question("messages", "the null sender, with its threads", "/api/messages?sender=%3C%3E&threads=folded"),
    Question("messages", "lines of a queue id", "/api/logs/postfix/by-queue/{queue_id}"),
    Question("queue of 10,000", "newest page", "/queue", None),
    Question("queue of 10,000", "search", "/queue?search=company{page}", None),
    Question("queue of 10,000", "grouped by reason", "/queue?group=reason", None),
    *(
        Question("messages by", name, "/messages/by/" + name + "?limit={limit}", 300, P95, cold=True)
        for name in GROUPINGS
    ),
    Question("messages by", "senders, warm", "/messages/by/senders"),
    Question(
        "messages by", "senders of an outcome, cold", "/messages/by/senders?status=bounced", 300, P95, True
    ),
    Question("pages", "messages, newest page", "/messages?limit={limit}"),
    Question("pages", "messages, search, rare term", "/messages?search={rare}"),
    Question("pages", "one message", "/messages/{key}"),
    Question("pages", "dashboard, warm", "/dashboard", 30, MEDIAN),
    Question("pages", "dashboard, cold", "/dashboard", 300, P95, cold=True),
    Question("pages", "verdict on the dashboard, cold", "/api/stats/verdict", 300, P95, cold=True),
    Question("pages", "delays by destination, cold", "/queue/delays", 300, P95, cold=True),
    Question("pages", "settings/info", "/api/settings/info"),
    Question("pages", "security", "/security"),
    Question("pages", "channels", "/alerts/channels"),
    Question("pages", "summary of the week, cold", "/alerts/summary", 300, P95, cold=True),
    Question("pages", "domains", "/domains"),
    Question("logs", "postfix: newest page", "/api/logs/postfix?limit={limit}"),
    Question("logs", "postfix: page 100", "/api/logs/postfix?page={page}"),
    Question("logs", "postfix: search, rare term", "/api/logs/postfix?search={rare}"),
    Question("logs", "postfix: search, common term", "/api/logs/postfix?search={common}"),
    Question(
        "logs",
        "postfix: search, common term, first look",
        "/api/logs/postfix?search={common}&start_date={since}",
    ),
    Question("logs", "postfix: search, no hit", "/api/logs/postfix?search={none}"),
    Question("logs", "postfix: search, 3 characters", "/api/logs/postfix?search={short}"),
    Question("logs", "postfix: filter by sender", "/api/logs/postfix?sender={sender}"),
    Question("logs", "postfix: filter by recipient", "/api/logs/postfix?recipient={recipient}"),
    Question("logs", "postfix: filter by status=bounced", "/api/logs/postfix?status=bounced&limit={limit}"),
    Question("logs", "postfix: filter by queue id", "/api/logs/postfix?queue_id={queue_id}"),
    Question("logs", "rspamd: newest page", "/api/logs/rspamd?limit={limit}"),
    Question("logs", "rspamd: page 100", "/api/logs/rspamd?page={page}"),
    Question("logs", "rspamd: search, rare term", "/api/logs/rspamd?search={rare}"),
    Question("logs", "rspamd: search, common term", "/api/logs/rspamd?search={common}"),
    Question("logs", "rspamd: search, no hit", "/api/logs/rspamd?search={none}"),
    Question("logs", "netfilter: newest page", "/api/logs/netfilter?limit={limit}"),
    Question("logs", "netfilter: search, an address", "/api/logs/netfilter?search={attacker}"),
    Question("logs", "netfilter: search, no hit", "/api/logs/netfilter?search={none}"),
)
SEARCHED = (
    "search, rare term",
    "search, common term",
    "search, no hit",
    "search, queue id",
    "filter by sender",
)
SEARCHES = tuple(
    question
    for question in QUESTIONS
    if question.group in ("messages", "logs") and question.name.removeprefix("postfix: ") in SEARCHED
)
READ = ("/api/messages", "/api/logs/postfix", "/api/logs/rspamd")
WAITING = 10_000  # messages in the queue
EXPORT = "/api/export/postfix/csv"
