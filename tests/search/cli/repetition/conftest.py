from tests.search.without_text import mini_file, mini_spaces

__all__ = ["mini_file", "mini_spaces"]
