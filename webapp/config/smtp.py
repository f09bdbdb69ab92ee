"""The mail server through which the viewer sends, and to whom."""

from pydantic import BaseModel, Field

IMPLICIT_TLS_PORT = 465  # RFC 8314


class SmtpSettings(BaseModel):
    """Outgoing mail: notices, summaries and tests."""

    smtp_enabled: bool = False
    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_use_tls: bool = False  # STARTTLS
    smtp_use_ssl: bool = False  # TLS from the first byte
    smtp_verify_ssl: bool = True
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""  # else smtp_user
    smtp_relay_mode: bool = False  # without a login
    admin_email: str = ""  # several with commas

    @property
    def smtp_is_implicit(self) -> bool:
        """True where TLS begins with the connection: by setting, or by the port that is for nothing else."""
        return self.smtp_use_ssl or self.smtp_port == IMPLICIT_TLS_PORT

    @property
    def smtp_sender(self) -> str:
        """Whom mails are from, as it was written; '' where nothing says so."""
        return self.smtp_from or self.smtp_user
