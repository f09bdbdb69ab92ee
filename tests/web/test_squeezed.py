"""Static files come packed as small as they get, each form under a name of its own."""

from backports import zstd

from webapp.config import ROOT

STYLES = (ROOT / "webapp" / "static" / "app.css").read_bytes()


def asked(client, **headers):
    return client.get("/static/app.css", headers={"Accept-Encoding": "gzip, zstd", **headers})


def test_a_style_sheet_is_smaller_than_a_page_would_be_packed(client):
    reply = asked(client)
    assert reply.headers["Content-Encoding"] == "zstd"
    assert "Accept-Encoding" in reply.headers["Vary"]
    assert int(reply.headers["Content-Length"]) == len(reply.data) < 0.9 * len(zstd.compress(STYLES, 3))
    assert zstd.decompress(reply.data) == STYLES


def test_what_a_browser_has_is_not_sent_again(client):
    name = asked(client).headers["ETag"]
    again = asked(client, **{"If-None-Match": name})
    assert (again.status_code, again.data) == (304, b"")


def test_each_form_of_a_file_has_a_name_of_its_own(client):
    plain = client.get("/static/app.css", headers={"Accept-Encoding": "identity"})
    assert plain.data == STYLES
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] != asked(client).headers["ETag"]
