"""The elements of an aggregate report: RFC 7489 (appendix C), RFC 9990, and the drafts before them, as one
tree.

A leaf is named by the key under which its text is kept; what stands in no place of the tree is an extension
and is skipped.
"""

from dataclasses import dataclass
from typing import TypeAlias

Tree: TypeAlias = "dict[str, Tree | str]"

EVALUATED: Tree = {
    "disposition": "disposition",
    "dkim": "dkim",
    "spf": "spf",
    "reason": {"type": "type", "comment": "comment"},
}
IDENTIFIERS: Tree = {
    "header_from": "header_from",
    "envelope_from": "envelope_from",
    "envelope_to": "envelope_to",
}
RECORD: Tree = {
    "row": {"source_ip": "source_ip", "count": "count", "policy_evaluated": EVALUATED},
    "identifiers": IDENTIFIERS,
    "identities": IDENTIFIERS,  # a draft's name
    "auth_results": {
        "dkim": {
            "domain": "domain",
            "selector": "selector",
            "result": "result",
            "human_result": "human_result",
        },
        "spf": {"domain": "domain", "scope": "scope", "result": "result", "human_result": "human_result"},
    },
}
FEEDBACK: Tree = {
    "version": "version",
    "report_metadata": {
        "org_name": "org_name",
        "email": "email",
        "extra_contact_info": "extra_contact_info",
        "report_id": "report_id",
        "date_range": {"begin": "begin", "end": "end"},
        "error": "error",
        "generator": "generator",
    },
    "policy_published": {
        "domain": "policy_domain",
        "adkim": "adkim",
        "aspf": "aspf",
        "p": "p",
        "sp": "sp",
        "np": "np",
        "pct": "pct",
        "fo": "fo",
        "testing": "testing",
        "discovery_method": "discovery_method",
    },
    "record": RECORD,
}


@dataclass(slots=True)
class Node:
    """A place in a report: the places inside it by name, and what its end means (a key for its text, or
    `name/` for a group).
    """

    inside: "dict[str, Node]"
    ends: str


def nodes(tree: Tree, ends: str = "") -> Node:
    """The tree as nodes of their own, which one reader may extend by the names that it meets."""
    return Node(
        {
            name: Node({}, inner) if isinstance(inner, str) else nodes(inner, f"{name}/")
            for name, inner in tree.items()
        },
        ends,
    )


def _names(tree: Tree) -> set[str]:
    found = set(tree)
    for inner in tree.values():
        if not isinstance(inner, str):
            found |= _names(inner)
    return found


VOCABULARY = frozenset(_names(FEEDBACK) | {"feedback"})
