"""A report as one page that needs no network and no other file."""

from reports.page.page import Page, page_text

__all__ = ["Page", "page_text"]
