"""In a demo, the reports that the simulated mailcow's correspondents sent by mail; once a day there are new
ones.
"""

from typing import Any

import requests
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mailcow.client import MailcowUnreachable
from webapp.reports.refusal import Limits
from webapp.reports.save import save_file

PATIENCE = 20  # seconds
LIMITS = Limits(members=20_000)
HAS_YESTERDAY = text("SELECT 1 FROM dmarc_reports WHERE day >= current_date - 1 LIMIT 1")


def take(session: Session, settings: Settings) -> dict[str, Any]:
    """Store the reports of the simulated mail, unless yesterday's are there; nothing outside a demo."""
    if not settings.demo_mode or session.execute(HAS_YESTERDAY).first():
        return {}
    try:
        answer = requests.get(f"{settings.mailcow_url}/_demo/reports", timeout=PATIENCE)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise MailcowUnreachable(f"the simulated mail has no reports: {type(error).__name__}") from error
    stored = save_file(session.connection(), answer.content, "demo-reports.zip", LIMITS)
    return {"reports": sum(item.id is not None for item in stored)}
