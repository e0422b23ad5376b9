"""A report as one page that needs nothing but itself: no network, no other file."""

from reports.page.key_numbers import key_numbers
from reports.page.page import Page, page_text

__all__ = ["Page", "key_numbers", "page_text"]
