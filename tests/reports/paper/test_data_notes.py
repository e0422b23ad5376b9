from tests.reports.paper.paper_runs import found, notes, run


def test_what_else_could_fill_a_row_is_listed(tmp_path):
    old = run(tmp_path / "a", {"g": {"L1": [0.8, 0.9]}}, name="old")
    new = run(tmp_path / "b", {"h": {"L1": [0.7, 0.7, 0.7]}}, name="new", day=1)
    assert found(notes("8", old, new), "Left out") == (
        "MOSI: if several cells fit a row, the newest one with all its planned seeds is used, else "
        "the newest. Left out: L1 of g of the run old (2 / 3 seeds)."
    )


def test_the_same_trials_in_another_run_are_not_listed(tmp_path):
    same = [run(tmp_path / name, {"g": {"L1": [0.8]}}) for name in "ab"]
    assert not any("Left out" in line for line in notes("8", *same))


def test_rows_that_differ_in_text_encoder_data_or_device_are_named(tmp_path):
    frozen = {"name": "minilm", "finetune": False}
    cells = {"L1": [0.8, 0.9, 1.0], "L2": [0.8, 0.9, 1.0]}
    one = run(tmp_path / "a", {"g": cells})
    two = run(
        tmp_path / "b",
        {"g": {"Huber": [0.8]}},
        text=frozen,
        data_fingerprint="other",
        device="cpu",
    )
    lines = notes("8", one, two)
    assert found(lines, "text encoder") == (
        "Attention, MOSI: the rows differ in their text encoder. minilm (frozen): Huber. "
        "The others: bert-base-uncased."
    )
    found(lines, "Attention, MOSI: the rows read different data")
    found(lines, "Attention, MOSI: the rows were run on cpu and cuda, whose rounding may differ.")


def test_rows_alike_name_their_one_text_encoder(tmp_path):
    lines = notes("8", run(tmp_path, {"g": {"L1": [0.8], "L2": [0.9]}}))
    found(lines, "MOSI: text encoder of our rows: bert-base-uncased.")
    assert not any("Attention" in line for line in lines)


def test_rows_without_a_text_encoder_are_said_and_do_not_differ(tmp_path):
    """They read text features of the data, or no text."""
    features = run(tmp_path / "a", {"g": {"L1": [0.8]}}, encoder_fingerprint="")
    found(notes("8", features), "MOSI: no text encoder was used in our rows.")
    words = run(tmp_path / "b", {"h": {"L2": [0.8]}}, encoder_fingerprint="e")
    lines = notes("8", features, words)
    found(lines, "MOSI: text encoder of our rows: bert-base-uncased.")
