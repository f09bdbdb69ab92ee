"""When something is worth a word to the administrator, and where the word goes."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from webapp.config.kinds import CommaList

RULES = (
    *("mailcow", "log_gap", "clock", "job", "container", "disk", "queue_length", "queue_age", "queue_growth"),
    *("bounces", "no_mail", "quarantine", "mailbox", "sign_ins", "dns", "dns_change", "blocklist"),
    *("certificate", "imap", "dmarc", "update"),
)
SIGNS = ("burst", "failures", "quota", "silent", "unused")
CHECKS = ("spf", "dkim", "dmarc", "mx", "address", "mta_sts", "tls_rpt", "dnssec", "dane", "bimi", "caa")
REPORTED = ("new source", "failures up", "volume up", "no reports")


def _words(*known: str) -> AfterValidator:
    def check(value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            if word not in known:
                raise ValueError(f"{word!r} is not one of {', '.join(known)}")
        return value

    return AfterValidator(check)


def _word(*known: str) -> AfterValidator:
    def check(value: str) -> str:
        if value.lower() not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value.lower()

    return AfterValidator(check)


class AlertSettings(BaseModel):
    """Thresholds of the signs of trouble of mailboxes, and of the rules that make events of trouble."""

    sign_burst_mails: int = Field(30, ge=1, le=1_000_000)  # in 15 minutes
    sign_burst_factor: float = Field(5, ge=1, le=1000)
    sign_failure_percent: float = Field(20, gt=0, le=100)
    sign_quota_percent: float = Field(90, gt=0, le=100)
    sign_silent_days: int = Field(2, ge=1, le=30)

    alert_rules_off: Annotated[CommaList, _words(*RULES)] = ()
    alert_quiet_minutes: int = Field(30, ge=0, le=10_080)  # between two notices that trouble of a kind began
    alert_reminder_hours: int = Field(24, ge=0, le=720)  # 0: no reminder
    alert_mailcow_minutes: int = Field(3, ge=0, le=1440)
    alert_log_gap_seconds: int = Field(1, ge=0, le=86_400)
    alert_clock_seconds: int = Field(60, ge=1, le=86_400)
    alert_job_failures: int = Field(3, ge=1, le=20)
    alert_container_minutes: int = Field(3, ge=0, le=1440)
    alert_containers_ignored: CommaList = ()
    alert_disk_percent: float = Field(90, gt=0, le=100)
    alert_queue_mails: int = Field(30, ge=1, le=1_000_000)
    alert_queue_minutes: int = Field(15, ge=0, le=1440)
    alert_queue_hours: float = Field(6, gt=0, le=240)
    alert_queue_growth: int = Field(50, ge=1, le=1_000_000)  # mails in 15 minutes
    alert_bounce_percent: float = Field(20, gt=0, le=100)  # of 6 hours
    alert_bounce_mails: int = Field(50, ge=1, le=1_000_000)
    alert_no_mail_hours: int = Field(0, ge=0, le=720)  # 0: off
    alert_quarantine_mails: int = Field(20, ge=1, le=500)
    alert_mailbox_signs: Annotated[CommaList, _words(*SIGNS)] = ("burst", "failures", "quota", "silent")
    alert_sign_ins: int = Field(20, ge=2, le=100_000)  # of one user in 15 minutes
    alert_dns_checks: Annotated[CommaList, _words(*CHECKS)] = CHECKS
    alert_dns_changes: Annotated[CommaList, _words(*CHECKS)] = ("spf", "dkim", "dmarc", "mx")
    alert_blocklist_weight: Annotated[str, _word("major", "minor", "information")] = "minor"
    alert_certificate_days: int = Field(7, ge=1, le=90)
    alert_imap_failures: int = Field(3, ge=1, le=20)
    alert_dmarc_signs: Annotated[CommaList, _words(*REPORTED)] = REPORTED
    alert_update_days: int = Field(7, ge=1, le=365)  # between two reminders of one update
