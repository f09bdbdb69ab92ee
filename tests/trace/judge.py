"""What the viewer says about the recorded mail, held against what really happened (truth.json.gz)."""

from collections import Counter, defaultdict
from typing import Any

from flask.testing import FlaskClient

# Attempts that leave no envelope in any log: a refused login, no SMTP at all, RSET, a connection lost in
# DATA.
WITHOUT_TRACE = {"out_authfail", "in_nonsmtp", "in_rset", "in_lost_data"}
ASPECTS = ("visible", "sender", "direction", "final_status", "recipients")


def leaves_a_trace(mail: dict[str, Any]) -> bool:
    """False where no log names sender or recipient; a mail found too big in DATA is such a one."""
    too_big_in_data = not mail["queue_ids"] and "message file too big" in (mail["last_reply"] or "")
    return mail["scenario"] not in WITHOUT_TRACE and not too_big_in_data


def plain(address: str | None) -> str:
    """An envelope address in one spelling; the null sender is ''."""
    return (address or "").strip("<>").replace('"', "").lower()


def untagged(address: str | None) -> str:
    """The same without +tag."""
    local, at, domain = plain(address).rpartition("@")
    return local.partition("+")[0] + at + domain


class Judge:
    """Asks the API for everything it shows, and judges mails one by one."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.taken = client, set()
        self.rows = self._all_rows()
        self.by_queue_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows:
            self.by_queue_id[row["queue_id"] or ""].append(row)

    def _all_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor = ""
        while cursor is not None:
            answer = self.client.get(f"/api/messages?limit=500&cursor={cursor}").get_json()
            rows += answer["data"]
            cursor = answer["next_cursor"]
        return rows

    def detail(self, row: dict[str, Any]) -> dict[str, Any]:
        """Everything about one row."""
        answer = self.client.get(f"/api/message/{row['correlation_key']}/details")
        assert answer.status_code == 200
        return answer.get_json()

    def wrong(self, mail: dict[str, Any]) -> set[str]:
        """The aspects in which the best row for a mail is wrong; {'visible'} where none shows it."""
        rows = self._rows_of(mail)
        if not rows:
            return {"visible"}
        faults = sorted(((self._faults(mail, row), row) for row in rows[:4]), key=lambda pair: len(pair[0]))
        if not mail["queue_ids"]:
            self.taken.add(faults[0][1]["correlation_key"])
        return faults[0][0]

    def _rows_of(self, mail: dict[str, Any]) -> list[dict[str, Any]]:
        if mail["queue_ids"]:
            return self.by_queue_id[(mail["queue_id_accepted"] or mail["queue_ids"])[-1]]
        people = {untagged(person["address"]) for person in mail["recipients"]}
        return [
            row
            for row in self.rows
            if row["final_status"] == "rejected"
            and row["correlation_key"] not in self.taken
            and plain(row["sender"]) == plain(mail["sender"])
            and (row["recipient"] is None or untagged(row["recipient"]) in people)
        ]

    def _faults(self, mail: dict[str, Any], row: dict[str, Any]) -> set[str]:
        logged = people_logged_with_the_mail(mail)
        faults = set()
        if mail["sender"] is not None and plain(row["sender"]) != plain(mail["sender"]):
            faults.add("sender")
        if row["direction"] != mail["direction"]:
            faults.add("direction")
        if row["final_status"] not in right_words(mail, logged):
            faults.add("final_status")
        if mail["queue_ids"] and not self._recipients_right(logged, row):
            faults.add("recipients")
        return faults

    def _recipients_right(self, people: list[dict[str, Any]], row: dict[str, Any]) -> bool:
        shown: dict[str, set[str]] = defaultdict(set)
        for delivery in self.detail(row)["deliveries"]:
            shown[plain(delivery["orig_to"] or delivery["recipient"])].add(delivery["status"])
        return all(
            (shown.get(plain(person["address"])) or shown.get(untagged(person["address"])))
            in (outcomes(person), {person["final"]})
            for person in people
        )


def outcomes(person: dict[str, Any]) -> set[str]:
    """The outcomes of an envelope recipient; an alias has one for each target."""
    targets = {target["final"] for target in person.get("targets") or [] if "final" in target}
    return targets or {person["final"]}


def people_logged_with_the_mail(mail: dict[str, Any]) -> list[dict[str, Any]]:
    """Without those refused before the first accepted recipient: Postfix logs these as NOQUEUE, apart from
    the mail."""
    people = list(mail["recipients"])
    while mail["queue_id_accepted"] and people and people[0]["final"] == "rejected":
        people.pop(0)
    return people


def right_words(mail: dict[str, Any], logged: list[dict[str, Any]]) -> set[str]:
    """The true final status, and where some were refused before, that of the mail without them."""
    words = {mail["final_status"]}
    if logged and len(logged) < len(mail["recipients"]):
        finals = set().union(*(outcomes(person) for person in logged))
        words.add(
            "mixed" if len(finals) > 1 else "spam" if mail["spam_action"] == "add header" else finals.pop()
        )
    return words


def tally(judge: Judge, mails: list[dict[str, Any]]) -> tuple[Counter[str], list[str]]:
    """How many mails are right in each aspect and in everything ('all'), and a line for each that is not."""
    right: Counter[str] = Counter()
    failures = []
    for mail in mails:
        faults = judge.wrong(mail)
        right["all"] += not faults
        right.update(aspect for aspect in ASPECTS if aspect not in faults and "visible" not in faults)
        if faults:
            failures.append(f"n={mail['n']} {mail['scenario']}: {', '.join(sorted(faults))}")
    return right, failures
