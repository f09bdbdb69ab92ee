"""Files that come with a request."""

from collections.abc import Iterator

from flask import request
from werkzeug.datastructures import FileStorage

from webapp.errors import BadParameter


def sent_file(field: str, most: int) -> tuple[str, bytes]:
    """Name and bytes of the one file in a form's field, of which at most `most` + 1 bytes are read."""
    file = request.files.get(field)
    if file is None:
        raise BadParameter(f"{field} must be a file, sent as multipart/form-data")
    return _read(file, most)


def sent_files(field: str, most: int) -> Iterator[tuple[str, bytes]]:
    """The same for every file in the field, one after the other; an empty choice is none."""
    return (_read(file, most) for file in request.files.getlist(field) if file.filename)


def _read(file: FileStorage, most: int) -> tuple[str, bytes]:
    return file.filename or "", file.stream.read(most + 1)
