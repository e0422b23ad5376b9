import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden documents of tests/golden"
    )
    parser.addoption(
        "--kills", type=int, default=3, help="how often each run of test_kills.py is killed"
    )
    parser.addoption(
        "--kill-seed", type=int, default=None, help="of the kill moments; default: a new one"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
