import subprocess
import sys

import pytest

import reports


def test_what_is_exported_exists_and_is_sorted():
    # Upper case first, as ruff sorts.
    assert sorted(reports.__all__, key=lambda name: (not name.isupper(), name)) == reports.__all__
    assert all(hasattr(reports, name) for name in reports.__all__)


def test_reading_reports_loads_neither_torch_nor_ray_nor_scipy():
    script = (
        "import sys, reports; "
        "heavy = ('torch', 'ray', 'optuna', 'typer', 'scipy', 'pandas', 'sugrm', 'search'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.slow
def test_reading_a_ledger_loads_no_table_and_no_figure():
    script = "import sys, reports.ledger.reading.load; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    rooms = {name.split(".")[1] for name in done.stdout.split() if name.startswith("reports.")}
    assert not rooms & {"tables", "figures", "paper", "render", "page"}
    assert "pandas" not in done.stdout.split()
    assert (done.returncode, done.stderr) == (0, "")
