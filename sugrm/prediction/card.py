"""The model card: ``README.md`` of a model folder."""

from sugrm.prediction.description import LIBRARY, ModelDescription


def plain_card(description: ModelDescription) -> str:
    """Return the card of a model of which no results are known."""
    model = description.experiment.model.name
    return f"# {model}\n\nA model of {LIBRARY} for {description.inputs.dataset.title}.\n"
