from tests.search.cli.model_export.conftest import finished, trained_files

__all__ = ["finished", "trained_files"]
