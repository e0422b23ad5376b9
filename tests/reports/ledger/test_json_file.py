"""Which numbers of a JSON text are looked at one by one."""

import pytest

from reports.ledger import json_file
from reports.ledger.json_file import parse_json


def test_an_ordinary_fraction_is_not_looked_at_for_an_integer_beyond_64_bits(monkeypatch):
    monkeypatch.setattr(json_file, "_check", lambda value: pytest.fail("looked at every value"))
    assert parse_json('{"rate": 0.0012345678901234567}') == {"rate": 0.0012345678901234567}


@pytest.mark.parametrize("text", ["9223372036854775808", "[1.5, -9223372036854775808]"])
def test_an_integer_beyond_64_bits_is_refused(text):
    with pytest.raises(ValueError, match="an integer beyond 64 bits"):
        parse_json(text)
