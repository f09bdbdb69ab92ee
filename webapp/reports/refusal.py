"""Why a file is not taken, and the limits on what strangers send."""

from dataclasses import dataclass

from webapp.config import Settings
from webapp.errors import ExpectedError

MIB = 1024 * 1024


class Refusal(ExpectedError):
    """A file that is not taken: one sentence for its sender; `status` is the HTTP status that says so."""

    status = 400


class Broken(Refusal):
    """It is a report, or would be one, but what it says is not certain."""


class TooMuch(Refusal):
    """It passes a limit; the sentence names the limit."""

    status = 413


class UnknownKind(Refusal):
    """The bytes are of no kind in which reports come."""

    status = 415


class NoReport(Refusal):
    """It was read well, and it is not a report that is stored here."""

    status = 422


class CutShort(Broken):
    """The compressed bytes end early; what came before may be whole all the same."""


class Damaged(Broken):
    """The XML is not well-formed, but it can be read once more with its slips mended."""


@dataclass(frozen=True)
class Limits:
    """What one upload may hold: bytes as sent, bytes unpacked, files, levels of packing, records of one
    report.
    """

    upload: int = 10 * MIB
    unpacked: int = 200 * MIB
    members: int = 1000
    nesting: int = 5
    records: int = 250_000

    def over_upload(self) -> TooMuch:
        """The refusal of a packed file above the limit."""
        return TooMuch(f"The file is larger than {self.upload // MIB} MB (DMARC_MAX_UPLOAD_MB)")

    def over_unpacked(self) -> TooMuch:
        """The refusal of content above the limit."""
        return TooMuch(f"Unpacked, the file is larger than {self.unpacked // MIB} MB (DMARC_MAX_UNPACKED_MB)")

    def over_members(self) -> TooMuch:
        """The refusal of an archive or mail with too many parts."""
        return TooMuch(f"The file holds more than {self.members:,} files")

    def over_nesting(self) -> TooMuch:
        """The refusal of what is packed too often."""
        return TooMuch(f"The file is packed more than {self.nesting} times over")

    def over_records(self) -> TooMuch:
        """The refusal of a report with too many records."""
        return TooMuch(f"The report has more than {self.records:,} records")


def limits(settings: Settings) -> Limits:
    """The limits that the settings name."""
    return Limits(upload=settings.dmarc_max_upload_mb * MIB, unpacked=settings.dmarc_max_unpacked_mb * MIB)
