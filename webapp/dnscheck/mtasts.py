"""MTA-STS (RFC 8461): the record, the policy that HTTPS serves, and whether both still agree with MX."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from webapp.dnscheck.findings import Finding, Grade, Level, Publication
from webapp.dnscheck.hosts import MailHosts, mail_hosts
from webapp.dnscheck.policyfetch import Fetch, Fetched, Fetcher, PolicyFetch
from webapp.dnscheck.resolver import ADDRESS_TYPES, Answer, Lookup
from webapp.dnscheck.stspolicy import StsPolicy, amended, parse_policy, policy_id, policy_text
from webapp.dnscheck.taglist import parse_tags, shortened, stored
from webapp.dnscheck.wording import Voice, summed, untold

A_DAY, A_WEEK = 86_400, 604_800  # seconds
LONGEST_ID = 32
_STS = Voice("mtasts")


@dataclass(frozen=True, kw_only=True)
class SeenPolicy:
    """The id of the record at an earlier check, and the policy that was first served with it."""

    policy_id: str
    policy: str


@dataclass(frozen=True, kw_only=True)
class MtaStsGrade(Grade):
    """Beside the grade: the record's id, the policy served, the one first served with that id, the mode."""

    policy_id: str | None = None
    policy: str | None = None
    first_policy: str | None = None
    mode: str | None = None


async def grade_mtasts(
    domain: str, resolver: Lookup, *, fetch: Fetcher | None = None, seen: SeenPolicy | None = None
) -> MtaStsGrade:
    """Looks for the record, fetches the policy it announces, and holds that against MX and what was seen."""
    answer = await resolver.lookup(f"_mta-sts.{domain}", "TXT")
    if not answer.known:
        return _with_policy(untold("MTA-STS", answer))
    hosts = await mail_hosts(domain, resolver)
    if not _records(answer):
        return _with_policy(summed(_absent(domain, hosts, answer), "", None))
    host = f"mta-sts.{domain}"
    answers = [await resolver.lookup(host, rdtype) for rdtype in ADDRESS_TYPES]
    addresses = [record.to_text() for found in answers for record in found.records]
    failed = [found for found in answers if not found.known]
    if failed and not addresses:
        return _with_policy(untold("MTA-STS", failed[0]), seen=seen)
    fetched = await (fetch or PolicyFetch())(host, addresses)
    return judge_mtasts(domain, answer, fetched, hosts, seen)


def judge_mtasts(
    domain: str, answer: Answer, fetched: Fetched, hosts: MailHosts, seen: SeenPolicy | None = None
) -> MtaStsGrade:
    """The grade of the records found and of what the policy host answered."""
    records = _records(answer)
    policy = parse_policy(fetched.text) if fetched.outcome is Fetch.TEXT else None
    told = list(_of_records(domain, records))
    told += _of_policy(policy, hosts) if policy else [_unfetched(domain, fetched)]
    if policy and fetched.media != "text/plain":
        told.append(
            _STS.warning(Level.SHOULD, "media", "The policy must be served as text/plain (RFC 8461 3.2).")
        )
    found = parse_tags(records[0]).tags.get("id", "")
    if seen and policy and seen.policy_id == found and seen.policy.split() != stored(fetched.text).split():
        why = (
            "The policy has changed and the record's id has not, so senders keep the old one (RFC 8461 3.1)."
        )
        told.append(_STS.error(Level.MUST, "id-unchanged", why, _record(domain, fetched.text)))
    grade = summed(told, f"MTA-STS is valid, mode {policy.mode if policy else ''}", "; ".join(records))
    return _with_policy(grade, found, fetched.text, policy, seen)


def _with_policy(
    grade: Grade,
    found: str = "",
    text: str = "",
    policy: StsPolicy | None = None,
    seen: SeenPolicy | None = None,
) -> MtaStsGrade:
    """What was first served with an id stays beside it, so that a forgotten id is told until changed."""
    base = {field.name: getattr(grade, field.name) for field in fields(Grade)}
    first = seen.policy if seen and seen.policy_id == found else stored(text)
    return MtaStsGrade(
        **base,
        policy_id=stored(found, 64) or None,
        policy=stored(text) or None,
        first_policy=first or None,
        mode=(policy.mode or None) if policy else None,
    )


def _records(answer: Answer) -> tuple[str, ...]:
    """What begins with `v=STSv1;` counts, nothing else (RFC 8461 3.1)."""
    return tuple(
        text for text in answer.texts if text.partition(";")[0].rstrip(" \t") == "v=STSv1" and ";" in text
    )


def _record(domain: str, policy: str) -> Publication:
    return Publication(name=f"_mta-sts.{domain}", type="TXT", value=f"v=STSv1; id={policy_id(policy)}")


def _absent(domain: str, hosts: MailHosts, answer: Answer) -> Iterator[Finding]:
    if any("sts" in text.lower() for text in answer.texts):
        why = (
            f"The record does not begin with v=STSv1; and so counts as none: {shortened(answer.texts[0], 40)}"
        )
        yield _STS.warning(Level.MUST, "not-a-record", why)
    text = policy_text(host.name for host in hosts.hosts)
    why = "Without MTA-STS an attacker on the way can keep senders from using TLS."
    yield _STS.advice(Level.MAY, "missing", why, _record(domain, text))
    why = "The policy belongs on a web server of that name; mailcow can serve it."
    yield _STS.note("policy", why, _file(domain, text))


def _file(domain: str, text: str) -> Publication:
    name = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    return Publication(name=name, type="HTTPS", value=text)


def _of_records(domain: str, records: Sequence[str]) -> Iterator[Finding]:
    if len(records) > 1:
        why = f"{len(records)} records stand there, so senders behave as if there were none (RFC 8461 3.1)."
        yield _STS.error(Level.MUST, "several", why)
    found = parse_tags(records[0]).tags.get("id", "")
    if not (found.isascii() and found.isalnum() and len(found) <= LONGEST_ID):
        why = "The record needs an id of at most 32 letters and digits (RFC 8461 3.1)."
        yield _STS.error(Level.MUST, "id", why, _record(domain, records[0]))


def _unfetched(domain: str, fetched: Fetched) -> Finding:
    detail = f" ({shortened(fetched.detail)})" if fetched.detail else ""
    why = f"The policy of mta-sts.{domain} could not be fetched: {fetched.outcome}{detail}"
    return _STS.warning(Level.MUST, f"fetch-{fetched.outcome.replace(' ', '-')}", why)


def _of_policy(policy: StsPolicy, hosts: MailHosts) -> Iterator[Finding]:
    if not policy.valid:
        yield _STS.error(Level.MUST, "policy-invalid", _fault(policy))
        return
    if policy.mode != "none" and hosts.answer.known and not hosts.implicit:
        yield from _uncovered(policy, hosts)
    if policy.mode == "testing":
        yield _STS.advice(Level.MAY, "testing", "Mode testing only reports: go on to enforce.")
    if policy.mode == "none":
        yield _STS.advice(Level.MAY, "mode-none", "Mode none switches MTA-STS off.")
    elif (policy.max_age or 0) < A_DAY:
        why = f"max_age is {policy.max_age} s, which protects little: weeks are asked for (RFC 8461 3.2)."
        yield _STS.warning(Level.SHOULD, "short-age", why)
    elif (policy.max_age or 0) < A_WEEK:
        yield _STS.note("short-age", f"max_age is {policy.max_age} s; weeks are asked for (RFC 8461 3.2).")


def _fault(policy: StsPolicy) -> str:
    if policy.version != "STSv1":
        return "The policy does not say version: STSv1, so senders ignore it."
    if not policy.mode:
        return "The policy has no mode of enforce, testing or none, so senders ignore it."
    if policy.max_age is None:
        return "The policy has no max_age between 0 and 31557600 seconds, so senders ignore it."
    return "The policy names no mx, so senders ignore it."


def _uncovered(policy: StsPolicy, hosts: MailHosts) -> Iterator[Finding]:
    left_out = [host.name for host in hosts.hosts if host.name and not policy.covers(host.name)]
    fix = _file(hosts.domain, amended(policy, left_out))
    if left_out and policy.mode == "enforce":
        why = f"The policy leaves out the MX host {left_out[0]}: senders that heed it do not deliver there."
        yield _STS.error(Level.MUST, "mx-left-out", why, fix)
    elif left_out:
        why = f"The policy leaves out the MX host {left_out[0]}; with mode enforce mail would be lost."
        yield _STS.warning(Level.MUST, "mx-left-out", why, fix)
