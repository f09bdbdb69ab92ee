"""What a channel says of one notice, or of several that became one: subject, text, links. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webapp.alerts.inert import for_chat, for_mail
from webapp.alerts.notice import Severity

MOST_IN_MAIL, MOST_IN_CHAT = 30, 15  # notices that one message tells of; each of them is told
LONGEST_CHAT = 1600  # characters; Discord takes 2000
LONGEST_TITLE = 90  # characters, where a chat is told of several
LIST = "/alerts/channels"  # where all that was told stands
WORDS = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Information"}
Clean = Callable[[str], str]


@dataclass(frozen=True)
class Told:
    """One notice as it is told. `link` is a path in this program, or ''."""

    key: str
    severity: Severity
    title: str
    lines: tuple[str, ...]
    link: str


@dataclass(frozen=True)
class Part:
    """One notice in a message, its text made inert. `url` is '' where the program's own address is not
    known."""

    severity: Severity
    word: str
    title: str
    lines: tuple[str, ...]
    url: str
    path: str


def severity(told: Sequence[Told]) -> Severity:
    """The gravest of them."""
    order = list(Severity)
    return max((one.severity for one in told), key=order.index)


def subject(told: Sequence[Told], app_title: str, clean: Clean = for_mail) -> str:
    """The title of one notice; of several how many they are, and the first of the gravest."""
    worst = next(one for one in told if one.severity == severity(told))
    title = clean(worst.title)
    return f"{app_title}: {title}" if len(told) == 1 else f"{app_title}: {len(told)} notices, {title}"


def parts(told: Sequence[Told], app_url: str, clean: Clean = for_mail) -> list[Part]:
    """The notices with inert text, the gravest first."""
    order = list(Severity)
    ranked = sorted(told, key=lambda one: -order.index(one.severity))
    return [
        Part(
            one.severity,
            WORDS[one.severity],
            clean(one.title),
            tuple(clean(line) for line in one.lines),
            app_url + one.link if app_url and one.link else "",
            one.link,
        )
        for one in ranked
    ]


def mail_text(told: Sequence[Told], app_url: str) -> str:
    """The text part of a mail."""
    blocks = [
        "\n".join([f"{one.word}: {one.title}", *one.lines, *_foot(one)]) for one in parts(told, app_url)
    ]
    return "\n\n".join(blocks) + "\n"


def chat_text(told: Sequence[Told], app_url: str) -> str:
    """The message for a chat service: one notice with its lines, as its title is the subject; of several the
    titles."""
    shown = parts(told, app_url, for_chat)
    if len(shown) == 1:
        return _one(shown[0])
    titles = [f"{one.word}: {_cut(one.title)}" for one in shown]
    return "\n".join([*titles, app_url + LIST if app_url else f"In the viewer: {LIST}"])


def _foot(part: Part) -> list[str]:
    return [part.url or f"In the viewer: {part.path}"] if part.path else []


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _one(part: Part) -> str:
    """A notice's lines, as far as there is room, and where to look."""
    lines, foot = list(part.lines), _foot(part)
    while len(lines) > 1 and sum(len(line) + 1 for line in [*lines, *foot]) > LONGEST_CHAT:
        lines.pop()
    cut = len(part.lines) - len(lines)
    rest = [f"(and {cut} more line{'' if cut == 1 else 's'})"] if cut else []
    return "\n".join([*lines, *rest, *foot]) or part.title
