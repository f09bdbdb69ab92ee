"""Lifting bans: mailcow takes the wish, netfilter fulfils it within seconds, a fresh list shows how far."""

from webapp.mailcow.actions import DONE, FAILED, OPEN, Action, ActionTarget, Answers, ItemOutcome, Reply
from webapp.mailcow.client import Mailcow
from webapp.mailcow.live import BANS
from webapp.security.bans import Ban, BanState, by_id

FOR_GOOD = "is on mailcow's denylist: it has to be taken off there (System, Configuration, Fail2ban)"


def send(client: Mailcow, name: str, batch: list[str]) -> Answers:
    """Ask mailcow to lift these bans; raises MailcowError. It says yes to unknown names, too."""
    return client.post("edit/fail2ban", {"items": batch, "attr": {"action": name}})


def judge(_name: str, item: str, reply: Reply, ban: Ban | None) -> ItemOutcome:
    """What has become of a ban, by mailcow's word and by the list after the action."""
    if ban is None:
        return ItemOutcome(item, DONE, "is no longer banned")
    if ban.state is BanState.PERMANENT:
        return ItemOutcome(item, FAILED, FOR_GOOD)
    if ban.state is BanState.ENDING:
        return ItemOutcome(item, OPEN, "netfilter lifts the ban within seconds")
    return ItemOutcome(item, FAILED, f"still banned; {reply.sentence}")


TARGET = ActionTarget(BANS, by_id, send, judge, suspicion="mailcow's list came back empty")
ACTIONS = {
    "unban": Action(
        "unban",
        "Unban",
        "Unban {}?",
        "netfilter lets it connect again within seconds and counts its attempts anew: if it goes on, it is "
        "banned again. What shall never be banned belongs on mailcow's allowlist.",
        "circle-check",
    )
}
