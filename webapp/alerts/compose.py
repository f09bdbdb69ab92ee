"""What a channel says of one notice, or of several that became one: subject, text, links. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webapp.alerts.inert import for_chat, for_mail
from webapp.alerts.notice import Severity

MOST_NOTICES = 30  # told one by one in a message; of more, how many there are
LONGEST_CHAT = 1600  # characters; Discord takes 2000
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
    """The notices with inert text, the gravest first, MOST_NOTICES at most."""
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
        for one in ranked[:MOST_NOTICES]
    ]


def more(told: Sequence[Told]) -> int:
    """How many are not told one by one."""
    return max(len(told) - MOST_NOTICES, 0)


def mail_text(told: Sequence[Told], app_url: str) -> str:
    """The text part of a mail."""
    blocks = [_block(part, with_title=True) for part in parts(told, app_url)]
    if more(told):
        blocks.append(f"And {more(told)} more.")
    return "\n\n".join(blocks) + "\n"


def chat_text(told: Sequence[Told], app_url: str) -> str:
    """The message for a chat service; the title of a single notice is its subject."""
    shown = parts(told, app_url, for_chat)
    blocks: list[str] = []
    left, room = len(told), LONGEST_CHAT
    for part in shown:
        block = _block(part, with_title=len(told) > 1, room=room)
        if blocks and len(block) > room:
            break
        blocks.append(block)
        room -= len(block) + 2
        left -= 1
    return "\n\n".join([*blocks, *([f"And {left} more."] if left else [])])


def _block(part: Part, *, with_title: bool, room: int = 0) -> str:
    """One notice: its title, its lines as far as there is room (0: all), and where to look."""
    head = [f"{part.word}: {part.title}"] if with_title else []
    foot = [part.url or f"In the viewer: {part.path}"] if part.path else []
    lines = list(part.lines)
    while room and len(lines) > 1 and sum(map(len, [*head, *lines, *foot])) + len(lines) + 20 > room:
        lines.pop()
    cut = len(part.lines) - len(lines)
    rest = [f"(and {cut} more lines)"] if cut else []
    return "\n".join([*head, *lines, *rest, *foot]) or part.title
