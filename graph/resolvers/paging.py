"""Connections: how a page of rows looks to a client. Shared by every noun that is listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import impersonal
from services.paging import Page


@dataclass(slots=True)
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(slots=True)
class Edge:
    """One row and its cursor."""

    node: Any
    cursor: str


RECORDS = {"PageInfo": PageInfo, "*Edge": Edge}


@resolves("*Connection.edges")
@impersonal
def edges(page: Page[Any], _info: Info) -> list[Edge]:
    """The rows with their cursors."""
    return [Edge(node, cursor) for node, cursor in zip(page.items, page.cursors, strict=True)]


@resolves("*Connection.pageInfo")
@impersonal
def page_info(page: Page[Any], _info: Info) -> PageInfo:
    """Where the page lies."""
    first, last = (page.cursors[0], page.cursors[-1]) if page.cursors else (None, None)
    return PageInfo(page.has_next, page.has_previous, first, last)


@resolves("*Connection.totalCount")
@impersonal
def total_count(page: Page[Any], _info: Info) -> int:
    """How long the whole list is."""
    return page.total


def asks_for(info: Info, name: str) -> bool:
    """Whether the request names `name` directly below this field, so that what it costs is spent only then."""
    return any(node.selection_set and _selects(info, node.selection_set, name) for node in info.field_nodes)


def _selects(info: Info, selections: SelectionSetNode, name: str) -> bool:
    for node in selections.selections:
        if isinstance(node, FieldNode) and node.name.value == name:
            return True
        if isinstance(node, InlineFragmentNode) and _selects(info, node.selection_set, name):
            return True
        if isinstance(node, FragmentSpreadNode):
            fragment = getattr(info.fragments[node.name.value], "definition", info.fragments[node.name.value])
            if _selects(info, fragment.selection_set, name):
                return True
    return False
