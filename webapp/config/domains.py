"""What is asked of DNS: the domains' records and the blocklists."""

from pydantic import BaseModel

from webapp.config.kinds import CommaList, Hosts, NameServers


class DomainSettings(BaseModel):
    """Name servers, and which addresses count as this mail server's own."""

    dns_resolvers: NameServers = ()
    domain_spf_source_server_ip: bool = True
    domain_spf_source_transports: bool = True
    domain_spf_source_relayhosts: bool = True
    domain_spf_source_dmarc_history: bool = False
    domain_spf_source_manual_hosts: Hosts = ()

    blacklist_dns_servers: NameServers = ()
    blacklist_ignored_lists: CommaList = ()  # names or zones
    blacklist_source_server_ip: bool = True
    blacklist_source_transports: bool = True
    blacklist_source_relayhosts: bool = True
    blacklist_source_manual_hosts: Hosts = ()
