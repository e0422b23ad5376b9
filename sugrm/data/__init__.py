"""Corpora: read once, cached as memory-mapped columns, batched with padding."""

from sugrm.config.sections.datasets import DatasetDescription, load_dataset
from sugrm.data.cache.content import ImportNotes
from sugrm.data.cache.text_states import SplitStates, TextStates, open_states
from sugrm.data.collate import collate
from sugrm.data.corpus import Corpus, Utterances, dataset_called
from sugrm.data.corpus_remarks import (
    FEW_UTTERANCES,
    id_warnings,
    reading_remarks,
    shared_utterances,
    small_splits,
)
from sugrm.data.corpus_summary import SplitSummary, StreamSummary, describe
from sugrm.data.formats.table_columns import NO_SPLITS
from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.data.inputs.files import read_inputs
from sugrm.data.inputs.records import inputs_of_records
from sugrm.data.loading import cached_corpus, import_features, load_corpus, write_synthetic
from sugrm.data.reading.options import Reading
from sugrm.data.synthetic_pickle import write_synthetic_pickle
from sugrm.errors import DataError

__all__ = [
    "FEW_UTTERANCES",
    "NO_SPLITS",
    "Corpus",
    "DataError",
    "DatasetDescription",
    "ExpectedInputs",
    "ImportNotes",
    "Reading",
    "SplitStates",
    "SplitSummary",
    "StreamSummary",
    "TextStates",
    "Utterances",
    "cached_corpus",
    "collate",
    "dataset_called",
    "describe",
    "id_warnings",
    "import_features",
    "inputs_of_records",
    "load_corpus",
    "load_dataset",
    "open_states",
    "read_inputs",
    "reading_remarks",
    "shared_utterances",
    "small_splits",
    "write_synthetic",
    "write_synthetic_pickle",
]
