"""Every option of an experiment in words, for the command line and the reference."""

from search.space.listing.sections import OptionText, SectionText, list_sections
from search.space.listing.words import words_of

__all__ = ["OptionText", "SectionText", "list_sections", "words_of"]
