import pytest

from reports.ledger.reading.recorded_experiment import Version
from search.cli.publishing.machine_paths import machine_paths


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("sugrm-search run spaces/mosi.yaml --data unaligned=data/a.pkl", []),
        (
            "sugrm-search run /a/mosi.yaml --data 'unaligned=/my data/a.pkl'",
            ["/a/mosi.yaml", "/my"],
        ),
        ("sugrm-search run a.yaml --data ~/a.pkl --runs s3://bucket/runs", ["~/a.pkl"]),
        (r"sugrm-search run C:\spaces\a.yaml", [r"C:\spaces\a.yaml"]),
        ("sugrm-search run a.yaml --set search.objective.metric=valid/mae", []),
    ],
)
def test_paths_of_commands(command, found):
    assert machine_paths((Version(command=command),)) == found


def test_paths_of_spaces_are_found_at_any_depth_and_named_once():
    space = {"data": {"unaligned": "/data/a.pkl"}, "seeds": [1], "x": [{"y": "/data/a.pkl"}]}
    assert machine_paths((Version(space=space), Version(space=space))) == ["/data/a.pkl"]
