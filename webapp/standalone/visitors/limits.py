"""How long a visitor may take, and how much it may leave with us. Seconds and bytes."""

HEAD_BYTES = 64 * 2**10  # request line and header fields
BODY_BYTES = 32 * 2**20  # the application refuses more; as MAX_CONTENT_LENGTH
HEAD_SECONDS = 10.0  # from the first moment to the end of the header fields
TRANSFER_SECONDS = 30.0  # for a body or an answer, and a second more for each RATE bytes moved
RATE = 4096  # bytes a second
LINGER_SECONDS = 5.0  # that a visitor gets to read the answer before its connection is closed under it
IN_MEMORY = 32 * 2**10  # of one body or answer; the rest goes into a file that has no name
ON_DISK = 64 * 2**20  # of one answer, before its thread waits for the reader
TOGETHER = 256 * 2**20  # of all bodies and answers of one process
WAIT_SECONDS = 20.0  # that a thread waits for the reader of an answer of more than ON_DISK


def allowance(moved: int) -> float:
    """Seconds that a transfer of which so many bytes have been moved may have taken so far."""
    return TRANSFER_SECONDS + moved / RATE
