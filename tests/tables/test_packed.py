"""What is packed comes back as it was, small, and nothing else is read."""

import zlib
from hashlib import sha256

import pytest

from webapp.tables import packed as packing
from webapp.tables.packed import Unreadable, dictionary, packed, unpacked

DIGESTS = {1: "4aafa2e5efb65a79"}  # rows are stored with them
ROW = {
    "symbols": {
        "BAYES_HAM": {
            "score": -5.5,
            "metric_score": -5.5,
            "description": "Message probably ham, probability: ",
        },
        "OURS": {"score": 0, "options": ["ä", "\u2028", "x" * 3000]},
        "ODD": None,
    },
    "time_real": 0.412345,
    "thresholds": {"reject": 15, "add header": 8, "greylist": 7},
    "is_skipped": False,
    "huge": 1e300,
}


def test_an_object_comes_back_as_it_was():
    assert unpacked(packed(ROW)) == ROW
    assert unpacked(packed({})) == {}


def test_what_rows_have_in_common_takes_a_fifth():
    named = {name: {"score": 0, "metric_score": 0} for name in ("ARC_NA", "MIME_TRACE", "RCPT_COUNT_ONE")}
    row = {**ROW, "symbols": {**named, "BAYES_HAM": ROW["symbols"]["BAYES_HAM"]}}
    assert len(packed(row)) * 5 < len(str(row))


@pytest.mark.parametrize("number", packing.SYMBOLS)
def test_a_dictionary_never_changes(number):
    assert sha256(dictionary(number)).hexdigest()[:16] == DIGESTS[number]


@pytest.mark.parametrize(
    "stored", [b"", b"\0", b"\x63abc", b"\x01", b"\x01\xff\xff", packed(ROW)[:-3]], ids=len
)
def test_other_bytes_are_refused(stored):
    with pytest.raises(Unreadable):
        unpacked(stored)


def test_what_grows_beyond_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(packing, "LARGEST", 10_000)
    assert unpacked(packed({"a": "x" * 9_000}))
    with pytest.raises(Unreadable, match="larger"):
        unpacked(packed({"a": "x" * 10_000}))


def test_json_that_is_no_object_is_refused():
    bytes_of_a_list = zlib.compressobj(wbits=packing.WINDOW)
    with pytest.raises(Unreadable, match="no object"):
        unpacked(b"\x01" + bytes_of_a_list.compress(b"[1]") + bytes_of_a_list.flush())
