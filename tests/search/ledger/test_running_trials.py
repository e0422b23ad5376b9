from reports.ledger.roles import Role
from search.ledger import RunningFolder, StartedTrial


def under_way(key, number):
    role = Role(phase="search", number=number, seed=1, changes={"objective.loss": "l2"})
    return StartedTrial(key=key, roles=(role,), started_at="2026-01-01T00:00:00+00:00", attempts=2)


def test_what_is_under_way_survives_with_its_changes(tmp_path):
    RunningFolder(tmp_path).write(under_way("a", 0))
    found = RunningFolder(tmp_path).read()
    assert found == [under_way("a", 0)]
    assert found[0].roles[0].changes == {"objective.loss": "l2"}


def test_suggestions_come_in_their_order(tmp_path):
    running = RunningFolder(tmp_path)
    for key, number in (("a", 11), ("b", 2)):
        running.write(under_way(key, number))
    assert [trial.key for trial in running.read()] == ["b", "a"]


def test_a_trial_that_ended_is_forgotten(tmp_path):
    running = RunningFolder(tmp_path)
    running.write(under_way("a", 0))
    running.remove("a")
    assert running.read() == []


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path):
    running = RunningFolder(tmp_path)
    running.write(under_way("a", 0))
    (tmp_path / "running" / "b.json").write_text("{", encoding="utf-8")
    assert [trial.key for trial in running.read()] == ["a"]
