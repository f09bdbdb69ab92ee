"""What is packed comes back as it was, small, and nothing else is read."""

import zlib
from hashlib import sha256

import orjson
import pytest

from webapp.tables import packed as packing
from webapp.tables.packed import Unreadable, packed, symbols_in_json, trained, unpacked

DIGESTS = "4aafa2e5efb65a79", "5545cb4d059e8176"  # rows are stored with them
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


def test_a_dictionary_never_changes():
    found = symbols_in_json(), trained().dict_content
    assert tuple(sha256(each).hexdigest()[:16] for each in found) == DIGESTS


def test_rows_that_were_deflated_can_be_read():
    packer = zlib.compressobj(wbits=packing.WINDOW, zdict=symbols_in_json())
    stored = b"\x01" + packer.compress(orjson.dumps(ROW)) + packer.flush()
    assert unpacked(stored) == ROW


@pytest.mark.parametrize(
    "stored",
    [b"", b"\0", b"\x63abc", b"\x01", b"\x01\xff\xff", b"\x02abcd", packed(ROW)[:-3]],
    ids=len,
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
    with pytest.raises(Unreadable, match="no object"):
        unpacked(packed([1]))
