"""In a demo, the reports that the simulated mailcow's correspondents sent by mail; once a day there are new
ones.
"""

import asyncio
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import requests
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mailcow.client import MailcowUnreachable
from webapp.reports import authorised
from webapp.reports.refusal import Limits
from webapp.reports.save import save_file

PATIENCE = 20  # seconds
HAS_YESTERDAY = text("SELECT 1 FROM dmarc_reports WHERE day >= current_date - 1 LIMIT 1")


def take(session: Session, settings: Settings) -> dict[str, Any]:
    """Store the reports of the simulated mail, each mail a file, unless yesterday's are there."""
    if not settings.demo_mode or session.execute(HAS_YESTERDAY).first():
        return {}
    try:
        answer = requests.get(f"{settings.mailcow_url}/_demo/reports", timeout=PATIENCE)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise MailcowUnreachable(f"the simulated mail has no reports: {type(error).__name__}") from error
    with ZipFile(BytesIO(answer.content)) as mails:
        stored = [
            item
            for name in mails.namelist()
            for item in save_file(session.connection(), mails.read(name), name, Limits(), failures=True)
        ]
    taken = {"reports": sum(item.id is not None for item in stored)}
    if settings.dns_resolvers:  # the simulated name server, on this machine
        asked = asyncio.run(authorised.ask(authorised.wanted(session), settings))
        taken |= authorised.keep(session.connection(), asked)
    return taken
