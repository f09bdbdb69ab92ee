"""DMARC and TLS reports, and where their addresses are."""

from pydantic import BaseModel, Field

from webapp.config.kinds import HttpUrl


class ReportSettings(BaseModel):
    """Limits on what is uploaded, how long it is kept, and the files that know countries and networks."""

    maxmind_account_id: str = ""
    maxmind_license_key: str = ""
    maxmind_url: HttpUrl = "https://download.maxmind.com"
    geoip_db_dir: str = ""  # folder with MaxMind's GeoLite2-City.mmdb and GeoLite2-ASN.mmdb

    dmarc_retention_days: int = Field(60, ge=1, le=3650)
    dmarc_manual_upload_enabled: bool = True
    dmarc_max_upload_mb: int = Field(10, ge=1, le=30)  # as sent; the web server takes 32 MB at most
    dmarc_max_unpacked_mb: int = Field(200, ge=1, le=4000)
    dmarc_allow_report_delete: bool = False
    dmarc_ruf_enabled: bool = False  # keep what failure reports say of single messages
