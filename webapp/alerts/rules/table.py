"""All rules. A new one is a line in the table of its module, and its name in words.py and in the settings."""

from webapp.alerts.finding import AnyRule
from webapp.alerts.rules import domains, flow, reading, server
from webapp.alerts.words import RuleName

_KNOWN = {rule.name: rule for part in (server, reading, flow, domains) for rule in part.RULES}
RULES: dict[RuleName, AnyRule] = {name: _KNOWN[name] for name in RuleName if name in _KNOWN}  # as named
