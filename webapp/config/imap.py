"""The mailbox from which reports are fetched."""

from pydantic import BaseModel, Field


class ImapSettings(BaseModel):
    """Import of DMARC and TLS reports from a mailbox."""

    dmarc_imap_enabled: bool = False
    dmarc_imap_host: str = ""
    dmarc_imap_port: int = Field(993, ge=1, le=65535)
    dmarc_imap_use_ssl: bool = True
    dmarc_imap_verify_ssl: bool = True
    dmarc_imap_user: str = ""
    dmarc_imap_password: str = ""
    dmarc_imap_folder: str = "INBOX"
    dmarc_imap_processed_folder: str = ""
    dmarc_imap_mark_seen: bool = False
    dmarc_imap_delete_after: bool = False
    dmarc_imap_interval: int = Field(3600, ge=60, le=7 * 86400)  # seconds
    dmarc_imap_run_on_startup: bool = True
    dmarc_imap_batch_size: int = Field(10, ge=1, le=500)  # mails

    @property
    def imap_is_configured(self) -> bool:
        """True where a mailbox is named."""
        return bool(self.dmarc_imap_host and self.dmarc_imap_user)

    @property
    def imap_account(self) -> str:
        """The name under which is kept what was read of this mailbox."""
        return f"{self.dmarc_imap_user}@{self.dmarc_imap_host}"

    @property
    def imap_changes_mails(self) -> bool:
        """True where something is done to the mails whose reports are stored."""
        moved = bool(self.dmarc_imap_processed_folder)
        return moved or self.dmarc_imap_mark_seen or self.dmarc_imap_delete_after
