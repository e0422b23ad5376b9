from search.space.options import experiment_options, keys_below, options
from search.space.space import Space
from sugrm.config import resolve


def test_every_option_of_a_resolved_experiment_is_known():
    def leaves(values, path=""):
        for key, value in values.items():
            yield path + key
            if isinstance(value, dict):
                yield from leaves(value, f"{path}{key}.")

    for encoder in ("spt", "transformer", "lstm"):
        dump = resolve({"model": {"encoder": {"name": encoder}}}).model_dump(mode="json")
        assert set(leaves(dump)) <= set(experiment_options())


def test_an_option_of_some_variants_names_them():
    heads = experiment_options()["model.encoder.heads"].variants
    assert heads["model.encoder.name"] == ("spt", "transformer")
    assert "sugrm" in heads["model.name"]
    assert "text_only" not in heads["model.name"]
    dropout = experiment_options()["model.encoder.embedding_dropout"].variants
    assert dropout["model.encoder.name"] == ("spt", "transformer", "lstm")
    assert experiment_options()["training.batch_size"].variants == {}


def test_keys_of_free_mappings_and_lists_are_found():
    assert set(keys_below(Space, ("search", "parameters", "training.batch_size"))) == {
        "choice", "low", "high", "log", "step", "when",
    }  # fmt: skip
    assert keys_below(Space, ("ablations", "modules", "baseline")) == []
    assert options(Space)[("seeds", "*")].kinds == {int}
