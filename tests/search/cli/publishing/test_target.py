import json

import pytest

from search.cli.publishing.target import PublishError, check_out, check_target


def test_copies_do_not_go_into_the_runs(tmp_path):
    runs = tmp_path / "runs"
    (runs / "mini").mkdir(parents=True)
    check_out(tmp_path / "out", runs, names=["mini"])
    check_out(runs / "published", runs, names=["mini"])
    for out, why in (
        (runs / ".." / "runs", "is the folder of the runs"),
        (runs / "mini", "is in the run mini"),
        (runs / "mini" / "report", "is in the run mini"),
    ):
        with pytest.raises(PublishError, match=f"{why}, where a copy would replace"):
            check_out(out, runs, names=["mini"])
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError, match="is a file; expected a folder"):
        check_out(tmp_path / "file", runs, names=["mini"])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"notes.txt": "mine"}, "holds other files and no experiment.json"),
        ({"experiment.json": {"name": "other", "versions": []}}, "belongs to the run other"),
        ({"experiment.json": "damaged"}, "cannot be recognised: "),
        (
            {"experiment.json": {"name": "mini", "versions": []}, ".git": "x"},
            "holds what no published copy holds: .git",
        ),
    ],
)
def test_something_else_is_not_replaced(tmp_path, content, why):
    target = tmp_path / "mini"
    target.mkdir()
    for name, text in content.items():
        (target / name).write_text(text if isinstance(text, str) else json.dumps(text))
    with pytest.raises(PublishError) as error:
        check_target(target, "mini")
    assert why in str(error.value)
    assert "name another folder with --out" in str(error.value)


def test_a_link_and_a_file_are_not_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with pytest.raises(PublishError, match="is a link or a file"):
            check_target(tmp_path / name, "mini")


def test_an_empty_folder_takes_a_copy(tmp_path):
    check_target(tmp_path, "mini")
