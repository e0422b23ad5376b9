"""A report as one page that needs nothing but itself: no network, no other file."""

from reports.page.page import Page, page_text

__all__ = ["Page", "page_text"]
