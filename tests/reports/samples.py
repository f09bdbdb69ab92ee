"""Reports of every shape, made here.

The shapes follow RFC 7489 (appendix C), RFC 9990, RFC 8460 (appendix B) and RFC 6591 (appendix B); which
oddities reporters add was learnt from the public samples of parsedmarc and dmarc-report-viewer. All names and
addresses are the reserved ones.
"""

import gzip
import json
import zipfile
from email.message import EmailMessage
from io import BytesIO
from typing import Any

from webapp.reports.reading import Found, reports
from webapp.reports.records import AggregateReport, Record
from webapp.reports.refusal import Limits
from webapp.reports.tlsrpt import TlsReport

METADATA = """<report_metadata><org_name>Receiver Inc.</org_name><email>dmarc@receiver.example</email>
<report_id>r-1</report_id><date_range><begin>1764028800</begin><end>1764115199</end></date_range></report_metadata>"""
POLICY = """<policy_published><domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>none</p>
<sp>none</sp><pct>100</pct></policy_published>"""
NEW_POLICY = """<policy_published><domain>example.com</domain><p>quarantine</p><sp>none</sp><np>reject</np>
<testing>y</testing><discovery_method>treewalk</discovery_method></policy_published>"""


def record(
    ip: str = "192.0.2.1", count: str = "2", spf: str = "pass", dkim: str = "pass", more: str = ""
) -> str:
    """One ordinary record; `more` stands inside policy_evaluated."""
    return (
        f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated>"
        f"<disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>{more}</policy_evaluated></row>"
        "<identifiers><envelope_from>bounce.example.com</envelope_from><header_from>example.com</header_from>"
        "</identifiers><auth_results><dkim><domain>example.com</domain><selector>s1</selector><result>pass</result>"
        f"</dkim><spf><domain>bounce.example.com</domain><scope>mfrom</scope><result>{spf}</result></spf>"
        "</auth_results></record>"
    )


def xml(
    *records: str,
    metadata: str = METADATA,
    policy: str = POLICY,
    root: str = "feedback",
    version: str = "1.0",
) -> str:
    """A whole report; without records given, one ordinary one."""
    said = f"<version>{version}</version>" if version else ""
    body = "\n".join(records or (record(),))
    name = root.split()[0]
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<{root}>\n{said}{metadata}{policy}\n{body}\n</{name}>\n'


def tls(**changes: Any) -> dict[str, Any]:
    """A TLS report as JSON data with one policy, 8 good sessions and 3 bad ones."""
    return {
        "organization-name": "Receiver Inc.",
        "date-range": {"start-datetime": "2025-11-25T00:00:00Z", "end-datetime": "2025-11-25T23:59:59Z"},
        "contact-info": "tls@receiver.example",
        "report-id": "2025-11-25T00:00:00Z_example.com",
        "policies": [tls_policy()],
    } | changes


def tls_policy(**changes: Any) -> dict[str, Any]:
    """One policy of a TLS report."""
    return {
        "policy": {
            "policy-type": "sts",
            "policy-string": ["version: STSv1", "mode: enforce", "mx: mx.example.com", "max_age: 86400"],
            "policy-domain": "example.com",
            "mx-host": ["mx.example.com"],
        },
        "summary": {"total-successful-session-count": 8, "total-failure-session-count": 3},
        "failure-details": [
            {
                "result-type": "certificate-expired",
                "failed-session-count": 3,
                "receiving-mx-hostname": "mx.example.com",
                "sending-mta-ip": "192.0.2.9",
            }
        ],
    } | changes


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip file of these."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def mail(
    content: bytes,
    name: str = "receiver.example!example.com!1764028800!1764115199.xml.gz",
    kind: str = "gzip",
) -> EmailMessage:
    """The mail in which a reporter sends a file."""
    message = EmailMessage()
    message["From"] = "Reports <dmarc@receiver.example>"
    message["To"] = "dmarc@example.com"
    message["Subject"] = "Report Domain: example.com Submitter: receiver.example Report-ID: <r-1>"
    message.set_content("This is an aggregate report.\n")
    message.add_attachment(content, maintype="application", subtype=kind, filename=name)
    return message


def gz(text: str | bytes) -> bytes:
    """A gzip file."""
    return gzip.compress(text if isinstance(text, bytes) else text.encode(), mtime=0)


def as_json(data: object) -> bytes:
    """JSON as bytes."""
    return json.dumps(data).encode()


def read(data: bytes | str, name: str = "", limits: Limits | None = None) -> list[tuple[Found, list[Record]]]:
    """Every report of a file with its records, as those who store them get them."""
    taken: list[Record] = []

    def open_sink() -> Any:
        taken.clear()
        return taken.append

    found = []
    for item in reports(
        data.encode() if isinstance(data, str) else data, name, limits or Limits(), open_sink
    ):
        found.append((item, list(taken)))
        taken.clear()
    return found


def one(data: bytes | str, name: str = "") -> tuple[AggregateReport, list[Record]]:
    """The one aggregate report of a file."""
    [(found, records)] = read(data, name)
    assert isinstance(found.report, AggregateReport)
    assert found.report.records == len(records)
    assert found.report.messages == sum(record.messages for record in records)
    return found.report, records


def one_tls(data: object, name: str = "") -> TlsReport:
    """The one TLS report of a file, or of JSON data."""
    [(found, _)] = read(data if isinstance(data, bytes) else as_json(data), name)
    assert isinstance(found.report, TlsReport)
    return found.report
