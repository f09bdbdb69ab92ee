"""Where Dovecot put a delivered mail and what filter rules did with it, in one plain sentence."""

from collections import Counter
from collections.abc import Sequence

from webapp.trace.places import BETWEEN, DISCARD, FAILED, FILEINTO, is_junk

INBOX = "INBOX"
BY_RULE = " by a filter rule"
ACTS = (  # how an act begins, and the words for it; what follows in the act is an address
    ("redirect ", "forwarded to {}" + BY_RULE),
    ("duplicate redirect ", "not forwarded to {} once more: it had been before"),
    ("duplicate vacation", "not answered once more"),
    ("vacation ", "a vacation answer was sent to {}"),
    ("reject", "refused by a filter rule, which tells the sender"),
)


def filed(folder: str | None, acts: str | None, is_repeated: bool = False) -> str | None:
    """The sentence, without a full stop; None where Dovecot's log tells nothing.

    `is_repeated`: the same message was delivered into this mailbox by another way too.
    """
    rules = acts.split(BETWEEN) if acts else []
    told = [_stored(folder, FILEINTO in rules)] if folder else []
    for act in rules:
        if act == DISCARD:
            told.append("discarded by a filter rule" + (": it came into this mailbox twice" * is_repeated))
        elif act.startswith(FAILED):
            told.append("not stored in " + act.removeprefix(FAILED).strip())
        else:
            told += [
                words.format(act[len(start) :].strip()) for start, words in ACTS if act.startswith(start)
            ][:1]
    sentence = "; ".join(told)
    return sentence[:1].upper() + sentence[1:] or None


def _act(act: str) -> str:
    for start, words in ACTS:
        if act.startswith(start):
            return words.format(act.removeprefix(start).strip())
    return act


def _stored(folder: str, by_rule: bool) -> str:
    """Into Junk mailcow's own rule puts what Rspamd marked, so that no rule is told there."""
    return f"delivered to {folder}" + (BY_RULE if by_rule and not is_junk(folder) else "")


def gathered(places: Sequence[tuple[str | None, str | None]], was_marked: bool) -> str:
    """What a message's sentence says of where its delivered copies are; '' where all are in INBOX or nothing
    tells. `places` are folder and acts by recipient; `was_marked`: Rspamd took it for spam."""
    if len(places) == 1:
        return _one(*places[0], was_marked)
    counted = Counter(_short(folder, acts) for folder, acts in places)
    parts = [f"{count} {words}" for words, count in counted.most_common() if words]
    return f": {', '.join(parts)}" if parts else ""


def _one(folder: str | None, acts: str | None, was_marked: bool) -> str:
    sentence = filed(folder, acts)
    if sentence is None:
        return ""
    if is_junk(folder):
        return (", marked as spam" if was_marked else "") + ": it lies in the Junk folder"
    if folder == INBOX and not acts:
        return ": it lies in INBOX although it was marked as spam" if was_marked else ""
    told = sentence[:1].lower() + sentence[1:]
    return told.replace("delivered to", ", into", 1) if folder else f" and {told}"


def went_on(folder: str | None, acts: str | None) -> bool:
    """True where a rule took the mail elsewhere, so that nothing of it was put into the mailbox."""
    return folder is None and acts is not None


def _short(folder: str | None, acts: str | None) -> str:
    if folder:
        return "" if folder == INBOX else f"in {folder}"
    if DISCARD in (acts or "").split(BETWEEN):
        return "discarded by a filter rule"
    return "forwarded by a filter rule" if (acts or "").startswith("redirect ") else ""
