"""SPF (RFC 7208): may this address send for this domain, and is the record what it should be?"""

from webapp.dnscheck.spf.evaluate import Verdict, check_host

__all__ = ["Verdict", "check_host"]
