import pyarrow as pa

from reports.ledger.roles import Role, first_roles, keys_by_role, recorded_roles
from reports.ledger.schema import ROLES

ROW = {"phase": "search", "seed": 1, "key": "a"}


def table(*rows):
    return pa.Table.from_pylist([{**ROW, **row} for row in rows], schema=ROLES)


def test_what_an_older_row_lacks_reads_as_the_default():
    (role,) = keys_by_role(table({}))
    assert role == Role(phase="search", seed=1)
    assert role.changes == {}


def test_of_several_rows_of_a_role_the_last_key_counts():
    assert list(keys_by_role(table({"key": "a"}, {"key": "b"})).values()) == ["b"]


def test_a_role_that_is_recorded_twice_is_read_once_for_each_trial():
    found = recorded_roles(table({"changes": '{"a": 1}'}, {"changes": "{}"}, {"key": "b"}))
    assert [(role.key, role.changes) for role in found] == [("a", {"a": 1}), ("b", {})]


def test_the_first_role_of_a_trial_has_the_lowest_number():
    roles = {
        Role(phase="search", number=4, seed=1): "a",
        Role(phase="search", number=2, seed=1): "a",
        Role(phase="search", number=3, seed=1): "b",
        Role(phase="ablation", group="g", cell="c", seed=1): "c",
    }
    assert {key: role.number for key, role in first_roles(roles).items()} == {"a": 2, "b": 3}
