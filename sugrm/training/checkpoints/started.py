"""What a model started from, as its file records it."""

from sugrm.config.sections.section import Section
from sugrm.config.sections.start import TEXT, Part


class StartedFrom(Section):
    """The trained model from which the training of another one started.

    Attributes:
        origin: where its weights come from, as a phrase.
        seed: seed of the trial that trained them.
        digest: their SHA-256.
        parts: the groups of weights that were taken over, as a whole or in part.
        taken: which of the weights were taken over and which not, as a phrase.
    """

    origin: str
    seed: int
    digest: str
    parts: tuple[Part, ...] = (TEXT,)
    taken: str

    def __str__(self) -> str:
        """Return all of it as a phrase."""
        return f"{self.origin}, seed {self.seed} (digest {self.digest[:12]}): {self.taken}"
