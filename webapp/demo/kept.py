"""The text of a mail in the quarantine, as mailcow keeps it: what is not ASCII as HTML entities."""

import base64
import time

from .scene import Mail

TEXTS = (
    "Dear friend,\r\n\r\nplease open the attached document at once, before the offer ends.\r\n",
    "Sehr geehrte Damen und Herren,\r\n\r\nanbei die Rechnung. Bitte \u00fcberweisen Sie bis Freitag.\r\n",
)
LINK = "https://login.account-check.example/verify?id={number}"
WEB = (
    "<html><head><style>p {{ color: red }}</style></head><body><p>Your mailbox is almost full.</p>"
    '<p><a href="{link}">Sign in now</a> to keep your mail.</p>'
    '<img src="https://pixel.account-check.example/{number}.gif"></body></html>\r\n'
)
ATTACHED = (("invoice_{number}.pdf", "application/pdf"), ("document.pdf.zip", "application/zip"))
MARK = "=_part_{number}"


def text_of(mail: Mail, recipient: str, number: int, at: float) -> str:
    """The whole mail: plain text; plain text and HTML; or with a file attached, by its number."""
    head = [
        f"Return-Path: <{mail.sender}>",
        f"Received: from {mail.helo} ({mail.client.name} [{mail.client.ip}])",
        f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(at))}",
        f"From: <{mail.sender}>",
        f"To: <{recipient}>",
        f"Subject: {mail.subject}",
        f"Message-ID: {mail.logged_id}",
        "MIME-Version: 1.0",
    ]
    plain = TEXTS[number % len(TEXTS)]
    if number % 3 == 0:
        lines = [*head, "Content-Type: text/plain; charset=utf-8", "", plain]
    else:
        mark = MARK.format(number=number)
        kind = "alternative" if number % 3 == 1 else "mixed"
        last = _web(number) if number % 3 == 1 else _file(number)
        lines = [*head, f'Content-Type: multipart/{kind}; boundary="{mark}"', "", f"--{mark}"]
        lines += ["Content-Type: text/plain; charset=utf-8", "", plain, f"--{mark}", *last, f"--{mark}--", ""]
    return "".join(c if ord(c) < 128 else f"&#{ord(c)};" for c in "\r\n".join(lines))


def _web(number: int) -> list[str]:
    return [
        "Content-Type: text/html; charset=utf-8",
        "",
        WEB.format(link=LINK.format(number=number), number=number),
    ]


def _file(number: int) -> list[str]:
    name, kind = ATTACHED[number % len(ATTACHED)]
    content = base64.encodebytes(bytes(range(256)) * (20 + number % 40)).decode().replace("\n", "\r\n")
    return [
        f'Content-Type: {kind}; name="{name.format(number=number)}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{name.format(number=number)}"',
        "",
        content,
    ]
