"""What is stored of TLS reports: single ones, days, and a day with its providers and policies. Only reads."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.dmarc import tlsshapes
from webapp.dmarc.sums import share
from webapp.reports.tlsrpt import TlsFailure, TlsPolicy
from webapp.reports.tlswords import TlsNow, meaning, remarks

MOST = 500


def tls_reports(session: Session, domain: str, since: date, day: date | None = None) -> Sequence[Any]:
    """The TLS reports of a domain since a day, or of one day, newest first, at most 500; each row has the
    number of all of them too."""
    where = "day = :day" if day else "day >= :since"
    return session.execute(
        text(
            f"SELECT *, count(*) OVER () AS all_reports FROM tls_reports WHERE domain = :domain AND {where} "
            f"ORDER BY begin_at DESC, id DESC LIMIT {MOST}"
        ),
        {"domain": domain, **({"day": day} if day else {"since": since})},
    ).all()  # fmt: skip


def tls_days(session: Session, domain: str, since: date, limit: int, offset: int = 0) -> Sequence[Any]:
    """Days with their sums, newest first; each row has the totals of the whole period too."""
    return session.execute(
        text(
            "WITH days AS (SELECT day, count(*) AS reports, sum(successful)::bigint AS successful, "
            "sum(failed)::bigint AS failed, array_agg(DISTINCT organisation ORDER BY organisation) AS names "
            "FROM tls_reports WHERE domain = :domain AND day >= :since GROUP BY day) "
            "SELECT days.*, count(*) OVER () AS all_days, sum(reports) OVER ()::bigint AS all_reports, "
            "sum(successful) OVER ()::bigint AS all_successful, sum(failed) OVER ()::bigint AS all_failed "
            "FROM days ORDER BY day DESC LIMIT :limit OFFSET :offset"
        ),
        {"domain": domain, "since": since, "limit": limit, "offset": offset},
    ).all()


def report_answer(row: Any) -> tlsshapes.TlsItem:
    """One report in the list of single ones."""
    return {
        "id": row.id,
        "report_id": row.report_id,
        "organization_name": row.organisation,
        "start_datetime": row.begin_at,
        "end_datetime": row.end_at,
        "total_success": row.successful,
        "total_fail": row.failed,
        "success_rate": share(row.successful, row.failed, 1),
    }


def daily_answer(domain: str, rows: Sequence[Any], page: int, page_size: int) -> tlsshapes.TlsDaysAnswer:
    """The days of a page, with the totals of the period."""
    first = rows[0] if rows else None
    good, bad = (first.all_successful, first.all_failed) if first else (0, 0)
    found = first.all_days if first else 0
    return {
        "domain": domain,
        "totals": {
            "total_days": found,
            "total_reports": first.all_reports if first else 0,
            "total_successful_sessions": good,
            "total_failed_sessions": bad,
            "overall_success_rate": share(good, bad),
        },
        "data": [
            {
                "date": row.day.isoformat(),
                "report_count": row.reports,
                "organization_count": len(row.names),
                "organizations": row.names,
                "total_success": row.successful,
                "total_fail": row.failed,
                "success_rate": share(row.successful, row.failed),
            }
            for row in rows
        ],
        "total": found,
        "page": page,
        "page_size": page_size,
        "pages": max(-(-found // page_size), 1),
    }


def stored_policy(stored: dict[str, Any]) -> TlsPolicy:
    """A policy of a report as it was read."""
    lists = {name: tuple(stored[name]) for name in ("lines", "mx_hosts")}
    failures = tuple(TlsFailure(**failure) for failure in stored["failures"])
    return TlsPolicy(**{**stored, **lists, "failures": failures})


def details_answer(domain: str, day: date, rows: Sequence[Any], now: TlsNow) -> tlsshapes.TlsDayAnswer:
    """A day with its providers and their policies; `now` is what our own checks say."""
    good, bad = sum(row.successful for row in rows), sum(row.failed for row in rows)
    return {
        "domain": domain,
        "date": day.isoformat(),
        "stats": {
            "total_reports": len(rows),
            "total_providers": len({row.organisation for row in rows}),
            "total_success": good,
            "total_fail": bad,
            "total_sessions": good + bad,
            "success_rate": share(good, bad),
        },
        "providers": [_provider(row, now) for row in rows],
    }


def _provider(row: Any, now: TlsNow) -> tlsshapes.ProviderItem:
    return {
        "id": row.id,
        "report_id": row.report_id,
        "organization_name": row.organisation,
        "contact_info": row.contact,
        "start_datetime": row.begin_at,
        "end_datetime": row.end_at,
        "successful_sessions": row.successful,
        "failed_sessions": row.failed,
        "total_sessions": row.successful + row.failed,
        "success_rate": share(row.successful, row.failed),
        "policies": [_policy(policy, now) for policy in row.policies],
    }


def _policy(policy: dict[str, Any], now: TlsNow) -> tlsshapes.TlsPolicyItem:
    good, bad = policy["successful"], policy["failed"]
    return {
        "policy_type": policy["kind"],
        "policy_domain": policy["domain"],
        "mx_host": ", ".join(policy["mx_hosts"]),
        "mx_hosts": policy["mx_hosts"],
        "policy_string": policy["lines"],
        "successful_sessions": good,
        "failed_sessions": bad,
        "total_sessions": good + bad,
        "success_rate": share(good, bad),
        "failure_details": [_failure(failure) for failure in policy["failures"]] or None,
        "remarks": remarks(stored_policy(policy), now),
    }


def _failure(failure: dict[str, Any]) -> tlsshapes.TlsFailureItem:
    return {
        "result_type": failure["result"],
        "meaning": meaning(failure["result"]),
        "failed_session_count": failure["sessions"],
        "sending_mta_ip": failure["sending_ip"] or None,
        "receiving_mx_hostname": failure["receiving_host"] or None,
        "receiving_ip": failure["receiving_ip"] or None,
        "failure_reason_code": failure["reason_code"] or None,
        "additional_information": failure["information"] or None,
    }
