"""The reports that other mail servers send about the simulated domains: a mail a day from each reporter."""

import gzip
import json
import random
import zipfile
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO
from typing import NamedTuple

from . import cast

DAYS = 45  # before today; today's reports come tomorrow
REPORTERS = ("fastpost.example", "freemail.example", "bluefin-logistics.example", "oakfield-school.example")
TLS_REPORTERS = REPORTERS[:2]
POLICIES = {cast.BOOKS: "quarantine", cast.WERFT: "none", cast.ALIAS_DOMAIN: "reject"}
MAILING = "198.51.100.201"  # a service that sends the letter of the book shop
FAILING = (cast.BOOKS, cast.WERFT)
FIXED = 20  # days ago it began to sign with the shop's domain
FORWARDER, LIST, ARC = "198.51.100.140", "198.51.100.150", "2001:db8:77::19"
SPOOFERS = tuple(f"203.0.113.{number}" for number in (7, 19, 33, 58, 101, 140, 177, 202, 230, 251))


class Seen(NamedTuple):
    """What a reporter saw of one source; `signed` and `sender` are the domains of DKIM and SPF."""

    ip: str
    messages: int
    signed: str
    sender: str
    dkim: bool
    spf: bool
    reason: str = ""


def mails(today: date) -> bytes:
    """A zip file of all mails with reports about the days before today."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for back in range(1, DAYS + 1):
            for name, mail in _of_day(today - timedelta(days=back), back):
                archive.writestr(f"{name}.eml", mail.as_bytes())
    return out.getvalue()


def report(domain: str, reporter: str, day: date, back: int) -> bytes:
    """The mail in which a reporter sends what it saw of a domain on a day that is so many days ago."""
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    name = f"{reporter}!{domain}!{begin}!{begin + 86399}"
    seen = _seen(domain, back, random.Random(f"{domain} {day} {reporter}"))
    text = _aggregate(domain, POLICIES[domain], reporter, begin, seen)
    return _mail(domain, reporter, f"{name}.xml.gz", text).as_bytes()


def _of_day(day: date, back: int) -> list[tuple[str, EmailMessage]]:
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    found = []
    for domain, policy in POLICIES.items():
        for reporter in REPORTERS:
            dice = random.Random(f"{domain} {day} {reporter}")
            if dice.random() < 0.9:
                name = f"{reporter}!{domain}!{begin}!{begin + 86399}"
                text = _aggregate(domain, policy, reporter, begin, _seen(domain, back, dice))
                found.append((name, _mail(domain, reporter, f"{name}.xml.gz", text)))
        for reporter in TLS_REPORTERS:
            dice = random.Random(f"tls {domain} {day} {reporter}")
            name = f"{reporter}!{domain}!{begin}!{begin + 86399}!tls"
            found.append(
                (name, _mail(domain, reporter, f"{name}.json.gz", _tls(domain, reporter, day, back, dice)))
            )
    if back % 9 == 1:
        found += [(f"failure-{day}-{domain}", _failure(domain, day, back)) for domain in FAILING]
    return found


def _failure(domain: str, day: date, back: int) -> EmailMessage:
    """A failure report (RFC 6591) about a message of a stranger; every other reporter writes plain words."""
    ip, reporter = SPOOFERS[back % len(SPOOFERS)], REPORTERS[back % 2]
    at = datetime(day.year, day.month, day.day, 6, back % 60, tzinfo=UTC)
    mail = EmailMessage()
    mail["From"] = f"Failure reports <ruf@{reporter}>"
    mail["To"] = f"reports@{domain}"
    mail["Subject"] = f"DMARC Failure Report for {domain} (ip={ip})"
    mail["Message-ID"] = f"<{int(at.timestamp())}.{domain}@{reporter}>"
    mail.set_content("The message below did not meet the sending domain's DMARC policy.\n")
    mail.make_mixed()
    mail.attach(_facts(domain, reporter, ip, at))
    mail.replace_header("Content-Type", mail["Content-Type"].replace("mixed", "report"))
    mail.set_param("report-type", "feedback-report")
    return mail


def _facts(domain: str, reporter: str, ip: str, at: datetime) -> EmailMessage:
    part = EmailMessage()
    part["Content-Type"] = "message/feedback-report"
    part.set_payload(
        "Feedback-Type: auth-failure\nUser-Agent: Gate/1.0\nVersion: 1\n"
        f"Original-Mail-From: <bounce@unknown.example>\nOriginal-Rcpt-To: <user@{reporter}>\n"
        f"Arrival-Date: {format_datetime(at)}\nSource-IP: {ip}\nReported-Domain: {domain}\n"
        "Auth-Failure: dmarc\nIdentity-Alignment: none\nDelivery-Result: reject\n"
    )
    return part


def _seen(domain: str, back: int, dice: random.Random) -> list[Seen]:
    busy = {cast.BOOKS: 60, cast.WERFT: 25, cast.ALIAS_DOMAIN: 4}[domain]
    seen = [Seen(cast.SERVER_IP, dice.randint(busy // 2, busy), domain, domain, True, True)]
    if domain == cast.BOOKS and dice.random() < 0.6:
        own = back < FIXED
        signed = domain if own else "letters.fastpost.example"
        seen.append(
            Seen(
                MAILING,
                dice.randint(10, 40),
                signed,
                f"bounce.{domain}" if own else "bounce.fastpost.example",
                own,
                own,
            )
        )
    if domain == cast.WERFT and dice.random() < 0.7:
        letters = cast.NEWSLETTERS.sends.ip  # in the domain's SPF record, under its own return path
        seen.append(Seen(letters, dice.randint(3, 12), "", cast.NEWSLETTERS.domain, False, False))
    if dice.random() < 0.5:
        seen.append(Seen(FORWARDER, dice.randint(1, 6), domain, "stadtbibliothek.example", True, False))
    if domain != cast.ALIAS_DOMAIN and dice.random() < 0.4:
        seen.append(Seen(LIST, dice.randint(1, 5), "", "lists.example", False, False, "mailing_list"))
    if dice.random() < 0.2:
        seen.append(
            Seen(ARC, dice.randint(1, 3), "", "lighthouse-press.example", False, False, "local_policy")
        )
    for ip in dice.sample(SPOOFERS, dice.choice((0, 0, 1, 1, 2))):
        seen.append(Seen(ip, dice.randint(1, 9), "", "unknown.example", False, False))
    return seen


def _aggregate(domain: str, policy: str, reporter: str, begin: int, seen: list[Seen]) -> str:
    """RFC 7489, appendix C; two of the reporters have gone over to RFC 9990."""
    is_new = reporter in REPORTERS[:2]
    root = ' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"' if is_new else ""
    more = "<testing>n</testing><discovery_method>treewalk</discovery_method>" if is_new else "<pct>100</pct>"
    records = "\n".join(_record(domain, policy, one) for one in seen)
    return (
        f'<?xml version="1.0" encoding="UTF-8" ?>\n<feedback{root}>\n<version>1.0</version>\n'
        "<report_metadata>"
        f"<org_name>{reporter}</org_name><email>dmarc-reports@{reporter}</email>"
        f"<report_id>{begin}.{domain}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end>"
        f"</date_range></report_metadata>\n<policy_published><domain>{domain}</domain><adkim>r</adkim>"
        f"<aspf>r</aspf><p>{policy}</p><sp>{policy}</sp>{more}</policy_published>\n{records}\n</feedback>\n"
    )


def _record(domain: str, policy: str, one: Seen) -> str:
    passed = one.dkim or one.spf
    done = "none" if passed or one.reason else policy
    comment = "arc=pass" if one.reason == "local_policy" else "mail came through a list"
    reason = f"<reason><type>{one.reason}</type><comment>{comment}</comment></reason>" if one.reason else ""
    dkim = f"<dkim><domain>{one.signed}</domain><selector>dkim</selector><result>pass</result></dkim>"
    return (
        f"<record><row><source_ip>{one.ip}</source_ip><count>{one.messages}</count><policy_evaluated>"
        f"<disposition>{done}</disposition><dkim>{_word(one.dkim)}</dkim><spf>{_word(one.spf)}</spf>{reason}"
        f"</policy_evaluated></row><identifiers><envelope_from>{one.sender}</envelope_from>"
        f"<header_from>{domain}</header_from></identifiers><auth_results>{dkim if one.signed else ''}"
        f"<spf><domain>{one.sender}</domain>"
        f"<scope>mfrom</scope><result>{'pass' if one.spf or one.dkim else 'softfail'}</result></spf>"
        "</auth_results></record>"
    )


def _word(passed: bool) -> str:
    return "pass" if passed else "fail"


def _tls(domain: str, reporter: str, day: date, back: int, dice: random.Random) -> str:
    """RFC 8460; on two days the certificate had expired."""
    failed = dice.randint(3, 20) if back in (20, 21) else 0
    failure = {
        "result-type": "certificate-expired",
        "failed-session-count": failed,
        "receiving-mx-hostname": cast.MAIL_HOST,
        "sending-mta-ip": cast.BY_DOMAIN[reporter].sends.ip,
    }
    policy = {
        "policy-type": "sts",
        "policy-string": ["version: STSv1", "mode: enforce", f"mx: {cast.MAIL_HOST}", "max_age: 604800"],
        "policy-domain": domain,
        "mx-host": [cast.MAIL_HOST],
    }
    counts = {"total-successful-session-count": dice.randint(5, 60), "total-failure-session-count": failed}
    report = {
        "organization-name": reporter,
        "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": f"tls-reports@{reporter}",
        "report-id": f"{day}T00:00:00Z_{domain}",
        "policies": [{"policy": policy, "summary": counts, "failure-details": [failure] if failed else []}],
    }
    return json.dumps(report)


def _mail(domain: str, reporter: str, name: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"reports@{reporter}"
    mail["To"] = f"reports@{domain}"
    mail["Subject"] = f"Report Domain: {domain} Submitter: {reporter}"
    mail.set_content("A report about your domain is attached.\n")
    packed = gzip.compress(text.encode(), mtime=0)
    mail.add_attachment(packed, maintype="application", subtype="gzip", filename=name)
    return mail
