"""When something is worth a word to the administrator, and where the word goes."""

from pydantic import BaseModel, Field


class AlertSettings(BaseModel):
    """Thresholds of the signs of trouble."""

    sign_burst_mails: int = Field(30, ge=1, le=1_000_000)  # in 15 minutes
    sign_burst_factor: float = Field(5, ge=1, le=1000)
    sign_failure_percent: float = Field(20, gt=0, le=100)
    sign_quota_percent: float = Field(90, gt=0, le=100)
    sign_silent_days: int = Field(2, ge=1, le=30)
