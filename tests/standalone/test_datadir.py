"""DATA_DIR in unusual places."""

import os

import pytest

from webapp.standalone import StartError, datadir, postgres


def test_sockets_live_in_data_dir(tmp_path):
    with datadir.opened(tmp_path / "data") as place:
        assert place.sockets == tmp_path / "data" / "run"
        assert place.sockets.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["deep" * 30, "odd, 'name'"])
def test_sockets_move_where_their_path_would_not_work(tmp_path, name):
    with datadir.opened(tmp_path / name) as place:
        sockets = place.sockets
        assert len(os.fsencode(sockets / postgres.SOCKET)) <= datadir.LONGEST_SOCKET_PATH
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert place.root == tmp_path / name
    assert not sockets.exists()


def test_data_dir_is_free_again_after_use(tmp_path):
    for _ in range(2):
        with (
            datadir.opened(tmp_path),
            pytest.raises(StartError, match=f"process {os.getpid()}"),
            datadir.opened(tmp_path),
        ):
            pass
