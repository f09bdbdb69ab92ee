"""Changing settings in the database: all of a form or none, each on record, no secret among the words."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Connection, delete, text
from sqlalchemy.dialects.postgresql import insert

from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.jobqueue import LOCK_SPACE, lock_key
from webapp.mailcow.audit import record
from webapp.settings.catalogue import shown
from webapp.settings.fixed import FIXED
from webapp.settings.stored import WHOLE, broken_rules, combine, given, read
from webapp.tables.db import now
from webapp.tables.installation import StoredSetting

LONGEST = 4000  # characters of one value
ACTION = "settings:change"


class Refused(ExpectedError):
    """Nothing was saved; `rules` tells what each field breaks."""

    status = 400

    def __init__(self, rules: Mapping[str, str]) -> None:
        self.rules = dict(rules)
        told = [f"{name.upper()}: {rule}" if name != WHOLE else rule for name, rule in self.rules.items()]
        super().__init__("; ".join(told))


@dataclass(frozen=True)
class Person:
    """Who changes something, and from which address."""

    name: str | None
    address: str | None


def change(
    connection: Connection, base: Settings, wanted: Mapping[str, str | None], who: Person
) -> tuple[str, ...]:
    """Keep what is wanted (None: nothing any more, so the default counts) and put it on record; returns the
    names that changed. Raises Refused."""
    _check_names(base, wanted)
    key = {"space": LOCK_SPACE, "name": lock_key(ACTION)}
    connection.execute(text("SELECT pg_advisory_xact_lock(:space, :name)"), key)  # two may save at once
    kept = read(connection)
    changes = {name: value for name, value in wanted.items() if value != kept.get(name)}
    merged = {name: value for name, value in (kept | changes).items() if value is not None}
    try:
        after = combine(base, merged)
    except ValidationError as error:
        raise Refused(broken_rules(error)) from error
    before = combine(base, {name: value for name, value in kept.items() if name not in changes})
    _save(connection, changes, who)
    details = [
        (name.upper(), True, _words(name, kept.get(name), changes[name], after, before)) for name in changes
    ]
    record(connection, who.name, who.address, ACTION, details)
    return tuple(changes)


def _check_names(base: Settings, wanted: Mapping[str, str | None]) -> None:
    rules = {}
    for name, value in wanted.items():
        if name not in Settings.model_fields:
            rules[name] = "is no setting"
        elif name in FIXED:
            rules[name] = FIXED[name]
        elif name in given(base):
            rules[name] = "is set in the environment or in .env, which wins"
        elif value is not None and (len(value) > LONGEST or not value.isprintable()):
            rules[name] = f"must be at most {LONGEST} characters, none of them a control character"
    if rules:
        raise Refused(rules)


def _save(connection: Connection, changes: Mapping[str, str | None], who: Person) -> None:
    gone = [name for name, value in changes.items() if value is None]
    if gone:
        connection.execute(delete(StoredSetting).where(StoredSetting.name.in_(gone)))
    rows = [
        {"name": name, "value": value, "changed_at": now(), "changed_by": who.name}
        for name, value in changes.items()
        if value is not None
    ]
    if rows:
        new = insert(StoredSetting).values(rows)
        columns = ("value", "changed_at", "changed_by")
        connection.execute(
            new.on_conflict_do_update(
                index_elements=["name"], set_={column: new.excluded[column] for column in columns}
            )
        )


def _words(name: str, old: str | None, new: str | None, after: Settings, before: Settings) -> str:
    """`60 -> 120`; of a secret only that it was set or removed."""
    told = shown(name, getattr(after, name)) or "nothing"
    if new is None:
        return f"back to the default, {told}"
    was = shown(name, old) if old is not None else shown(name, getattr(before, name))
    return f"{was or 'nothing'} -> {told}"
