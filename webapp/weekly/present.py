"""The summary in words: its headline and its sections. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from webapp.blocklists.overview import Host, list_name
from webapp.dmarc.sums import Passes
from webapp.dnscheck.findings import Status
from webapp.domains.overview import DomainState
from webapp.domains.words import check_of
from webapp.mailboxes.links import mailbox_url
from webapp.web.filters import MINUS, Times, count, duration, number, query_url, sentence, size
from webapp.weekly.flow import Figure
from webapp.weekly.sections import SINCE, UNKNOWN, Cell, Section, Table
from webapp.weekly.summary import Summary


def headline(found: Summary) -> str:
    """The week in a sentence."""
    messages = found.flow.messages[0]
    parts = [count(messages.value, "message")]
    if messages.change is not None:
        parts[0] += f", {_compared(messages)} the week before"
    trouble = [
        count(value, one, many)
        for value, one, many in (
            (found.accounts.total, "sign of trouble of accounts", "signs of trouble of accounts"),
            (found.domains.issues, "domain with issues", "domains with issues"),
            (found.blocklists.listed_count, "blocklist listing", "blocklist listings"),
        )
        if value
    ]
    return f"{parts[0]}. {', '.join(trouble) if trouble else 'No account, domain or address is in trouble'}."


def _compared(figure: Figure) -> str:
    change = figure.change or 0
    if not change:
        return "as many as in"
    share = f" ({round(100 * abs(change) / figure.before)} %)" if figure.before else ""
    return f"{number(abs(change))}{share} {'more' if change > 0 else 'fewer'} than in"


def sections(found: Summary, times: Times) -> list[Section]:
    """All parts, in the order in which they matter."""
    return [
        _flow(found, times),
        _events(found, times),
        _failures(found),
        _accounts(found, times),
        _domains(found, times),
        _dmarc(found),
        _blocklists(found, times),
        _storage(found),
    ]


def _flow(found: Summary, times: Times) -> Section:
    flow = found.flow
    said = [f"Days are UTC: {found.week.words}."]
    if flow.recorded_from is not None:
        day = flow.recorded_from.isoformat()
        said.append(f"There are records only since {day}: the figures are not those of a whole week.")
    if flow.kept_from is not None:
        said.append(f"Messages are kept only since {flow.kept_from.isoformat()}: the lists show less.")
    if any(figure.before is None for figure in (*flow.messages, *flow.accounts)):
        said.append(
            "Where the week before was not recorded whole, or its messages are gone, nothing is compared."
        )
    said += [
        f"Lines of {gap.source} were lost from {_at(times, gap.start)} to {_at(times, gap.end)}."
        for gap in found.lost
    ]
    rows = tuple(
        (
            Cell(figure.label),
            Cell(
                number(figure.value),
                query_url(figure.path, **figure.filter),
                figure=figure.value,
                counts=figure.counts,
            ),
            Cell(UNKNOWN if figure.before is None else number(figure.before)),
            _change(figure),
        )
        for figure in (*flow.messages, *flow.accounts)
    )
    head = ("", "This week", "Week before", "Change")
    return Section("Mail flow", "/dashboard?span=7d", tuple(said), Table(head, rows, (1, 2, 3)))


def _change(figure: Figure) -> Cell:
    change = figure.change
    if change is None:
        return Cell(UNKNOWN, tone="muted")
    sign = "+" if change > 0 else MINUS if change < 0 else "\N{PLUS-MINUS SIGN}"
    share = f" ({sign}{round(100 * abs(change) / figure.before)} %)" if figure.before and change else ""
    tone = {"bad": "bad" if change > 0 else "good"}.get(figure.good, "") if change else ""
    return Cell(f"{sign}{number(abs(change))}{share}", tone=tone)


def _failures(found: Summary) -> Section:
    failures, period = found.failures, found.week.period
    rows = tuple(
        (
            Cell(sentence(row.label)),
            Cell(
                number(row.messages),
                query_url("/messages", **{**row.filter, **period}),
                figure=row.messages,
            ),
            Cell(number(row.recipients)),
            Cell(row.reply or ""),
        )
        for row in failures.reasons
    )
    said = () if rows else ("Nothing failed.",)
    head = ("Reason", "Messages", "Recipients", "What a server said")
    table = Table(head, rows, (1, 2), (2, 3)) if rows else None
    return Section("What failed, and why", query_url("/messages/by/reasons", **period), said, table)


def _accounts(found: Summary, times: Times) -> Section:
    accounts = found.accounts
    rows = tuple(
        (
            Cell(sign.username, mailbox_url(sign.username)),
            Cell(f"{sign.title}: {sign.sentence}"),
            Cell(_at(times, sign.since)),
        )
        for sign in accounts.signs
    )
    said = [] if rows else ["No account shows a sign of trouble."]
    if accounts.total > len(rows):
        said.append(f"{count(accounts.total - len(rows), 'more sign', 'more signs')} of others.")
    if accounts.over:
        said.append(
            f"{count(accounts.over, 'sign')} of this week {'is' if accounts.over == 1 else 'are'} over."
        )
    table = Table(("Account", "Sign", SINCE), rows) if rows else None
    return Section("Accounts in trouble", "/mailboxes", tuple(said), table)


def _domains(found: Summary, times: Times) -> Section:
    domains = found.domains
    said = [f"{number(domains.issues)} of {count(domains.total, 'domain')} with issues."]
    if domains.issues > len(domains.worst):
        said.append(f"The worst {len(domains.worst)} are named.")
    said += [
        f"{check_of(one.check).label} of {one.domain} changed on {_at(times, one.at)}."
        for one in domains.changes
    ]
    rows = tuple(
        (Cell(state.mail.name, f"/domains/{quote(state.mail.name)}"), Cell(_what(state)))
        for state in domains.worst
    )
    return Section(
        "DNS of the domains", "/domains", tuple(said), Table(("Domain", "What"), rows) if rows else None
    )


def _what(state: DomainState) -> str:
    """The checks that count as issues, of the domain and its alias domains."""
    bad = (Status.ERROR, Status.WARNING)
    parts = [
        _finding(check_of(check.name).label, check.unanswered or check.message)
        for one in (state, *state.aliases)
        for check in one.checks
        if check.status is Status.ERROR
        or (check in one.records and (check.status in bad or check.unanswered))
    ]
    return "; ".join(dict.fromkeys(parts))


def _finding(label: str, message: str) -> str:
    return message if label in message else f"{label}: {message}"


def _dmarc(found: Summary) -> Section:
    dmarc = found.dmarc
    rows = tuple(
        (
            Cell(one.domain, query_url(f"/dmarc/{quote(one.domain)}", days=dmarc.days_back)),
            Cell(number(one.passes.messages)),
            Cell(_percent(one.passes)),
            Cell(UNKNOWN if one.before is None else _percent(one.before)),
        )
        for one in dmarc.rows
    )
    said = [] if rows else ["No report came about this week."]
    if dmarc.total > len(rows):
        said.append(f"{count(dmarc.total - len(rows), 'more domain', 'more domains')} with reports.")
    head = ("Domain", "Messages", "Passed", "Week before")
    table = Table(head, rows, (1, 2, 3)) if rows else None
    return Section(
        "DMARC, as other servers report", query_url("/dmarc", days=dmarc.days_back), tuple(said), table
    )


def _percent(sums: Passes) -> str:
    return UNKNOWN if sums.compliant is None else f"{sums.compliant:g} %"


def _blocklists(found: Summary, times: Times) -> Section:
    listed = found.blocklists
    said = [_listed_words(listed.listed_count, listed.checked_at, times)]
    week = found.week
    said += [
        f"{one.address} {'got on' if one.listed else 'left'} {list_name(one.zone)} on {_at(times, one.at)}."
        for one in listed.changes
        if week.days.start <= one.at < week.end
    ]
    rows = tuple(row for host in listed.hosts for row in _listings(host, times))
    head = ("Address", "List", SINCE, "What it says")
    return Section("Blocklists", "/blocklists", tuple(said), Table(head, rows) if rows else None)


def _listed_words(listings: int, checked: datetime | None, times: Times) -> str:
    if checked is None:
        return "No address was looked up yet."
    words = (
        count(listings, "listing that matters", "listings that matter")
        if listings
        else "No listing that matters"
    )
    return f"{words}, as of {_at(times, checked)}."


def _listings(host: Host, times: Times) -> Iterable[tuple[Cell, ...]]:
    for one in host.standings:
        if one.is_listed:
            since = _at(times, one.row.known_since) if one.row.known_since else UNKNOWN
            yield Cell(host.address), Cell(one.blocklist.name), Cell(since), Cell(one.row.why)


def _storage(found: Summary) -> Section:
    volume, sizes = found.storage.data, found.sizes
    said = []
    if volume is not None:
        said.append(f"The mail volume is {volume.used_percent} full: {volume.used} of {volume.total}.")
    if sizes.mailboxes:
        words = (
            f"{count(sizes.mailboxes, 'mailbox', 'mailboxes')} held {size(sizes.used)} at the end of the week"
        )
        grown = sizes.grown
        change = (
            ""
            if grown is None
            else f", {size(abs(grown))} {'more' if grown >= 0 else 'less'} than a week before"
        )
        said.append(f"{words}{change}.")
    rows = tuple(
        (Cell(one.username, mailbox_url(one.username)), Cell(size(one.used)), Cell(f"+{size(one.grown)}"))
        for one in sizes.most
    )
    table = Table(("Grew most", "Size", "Change"), rows, (1, 2)) if rows else None
    return Section("Storage", "/status", tuple(said or ["Nothing is known yet."]), table)


def _events(found: Summary, times: Times) -> Section:
    events, period = found.events, found.week.period
    words = {"critical": "critical", "warning": "warning", "info": "for information"}
    made = found.noticed
    told = [f"{number(made[kind])} {word}" for kind, word in words.items() if made.get(kind)]
    said = [f"{count(events.total, 'event')}." if events.total else "Nothing was noticed."]
    if events.total > len(events.rows):
        said.append(f"{len(events.rows)} of them are named.")
    if told:
        said.append(f"Notices that were made: {', '.join(told)}.")
    rows = tuple(
        (
            Cell(f"{one.title}{': ' if one.subject else ''}{one.subject}", one.link),
            Cell(one.text),
            Cell(_at(times, one.began_at)),
            Cell(duration((one.ended_at - one.began_at).total_seconds()) if one.ended_at else "still open"),
        )
        for one in events.rows
    )
    table = Table(("Event", "What", "Began", "Lasted"), rows, (), (1,)) if rows else None
    return Section("What was noticed", query_url("/alerts", **period), tuple(said), table)


def _at(times: Times, moment: datetime) -> str:
    return f"{times.date_words(moment)} {times.hour(moment)}"


def sent_words(services: Sequence[str], *, on: bool) -> str:
    """Where the summary goes, in a sentence."""
    if not on:
        return "It is not sent (ENABLE_WEEKLY_SUMMARY=false)."
    return (
        f"Sent on Mondays: {', '.join(services)}."
        if services
        else "No channel is set to which it could be sent."
    )
