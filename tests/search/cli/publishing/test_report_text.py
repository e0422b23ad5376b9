from search.cli.publishing.report_text import report_text
from tests.reports.paper.test_table_5 import Run


def test_no_table_shows_single_utterances_or_files_of_models(tmp_path):
    run = Run(tmp_path / "elsewhere" / "tiny")
    key = run.cell("SUGRM", changes={})
    results = run.load()
    (results.folder / "checkpoints" / key).mkdir(parents=True)
    (results.folder / "checkpoints" / key / "best.pt").write_bytes(b"")
    text = report_text(results)
    assert "Table 5" not in text
    assert "best.pt" not in text
    assert not any(f"| {name} |" in text for name in run.ids)
    assert not any(words in text for words in run.texts)
    assert str(tmp_path) not in text
    assert "Ablation: modules" in text
