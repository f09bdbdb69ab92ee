"""The memory that the database may take."""

import os

from webapp.standalone import memory

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // memory.MB


def test_the_machine_counts_where_nothing_limits(tmp_path):
    (tmp_path / "unlimited").write_text("max\n", encoding="ascii")
    assert memory.available((str(tmp_path / "unlimited"), str(tmp_path / "absent"))) == MACHINE


def test_the_limit_of_a_container_counts(tmp_path):
    (tmp_path / "limit").write_text("268435456\n", encoding="ascii")
    assert memory.available((str(tmp_path / "limit"),)) == 256


def test_a_limit_above_the_machine_does_not_count(tmp_path):
    (tmp_path / "limit").write_text(str(2**62), encoding="ascii")
    assert memory.available((str(tmp_path / "limit"),)) == MACHINE


def test_a_share_stays_within_its_bounds(tmp_path):
    (tmp_path / "limit").write_text(str(4096 * memory.MB), encoding="ascii")
    limits = (str(tmp_path / "limit"),)
    assert [
        memory.share(1 / 16, 128, 1024, limits),
        memory.share(1 / 64, 128, 1024, limits),
        memory.share(1, 128, 1024, limits),
    ] == ["256MB", "128MB", "1024MB"]
