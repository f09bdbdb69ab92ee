"""The best-known services that send or pass on mail, by the domain under which their servers are named."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.reports.alignment import organisational_domain


class Kind(StrEnum):
    """What a service does with a domain's mail."""

    SENDER = "sender"  # sends for its customers
    MAILBOX = "mailbox"  # holds mailboxes: sends for customers, and passes on what its users forward
    FORWARDER = "forwarder"  # passes on mail of others
    LIST = "list"  # mailing lists


@dataclass(frozen=True)
class Service:
    """One service. `include` is what its customers put into SPF; '' where each has its own or none."""

    domain: str
    name: str
    kind: Kind
    include: str = ""


_TABLE = """
google.com|Google|mailbox|_spf.google.com
googlemail.com|Google|mailbox|_spf.google.com
outlook.com|Microsoft 365|mailbox|spf.protection.outlook.com
hotmail.com|Microsoft|mailbox|
yahoo.com|Yahoo|mailbox|
yahoodns.net|Yahoo|mailbox|
aol.com|AOL|mailbox|
icloud.com|Apple iCloud|mailbox|icloud.com
apple.com|Apple|mailbox|
messagingengine.com|Fastmail|mailbox|spf.messagingengine.com
fastmail.com|Fastmail|mailbox|spf.messagingengine.com
protonmail.ch|Proton Mail|mailbox|_spf.protonmail.ch
proton.ch|Proton Mail|mailbox|_spf.protonmail.ch
zoho.com|Zoho Mail|mailbox|zohomail.com
zoho.eu|Zoho Mail|mailbox|zohomail.eu
zohomail.com|Zoho Mail|mailbox|zohomail.com
yandex.net|Yandex|mailbox|_spf.yandex.net
yandex.ru|Yandex|mailbox|_spf.yandex.net
mail.ru|Mail.ru|mailbox|_spf.mail.ru
gmx.net|GMX|mailbox|
web.de|WEB.DE|mailbox|
kundenserver.de|IONOS|mailbox|_spf-eu.ionos.com
perfora.net|IONOS|mailbox|_spf-us.ionos.com
ionos.com|IONOS|mailbox|
ovh.net|OVHcloud|mailbox|mx.ovh.com
gandi.net|Gandi|mailbox|_mailcust.gandi.net
infomaniak.ch|Infomaniak|mailbox|spf.infomaniak.ch
mailbox.org|mailbox.org|mailbox|mailbox.org
posteo.de|Posteo|mailbox|
migadu.com|Migadu|mailbox|spf.migadu.com
rackspace.com|Rackspace|mailbox|emailsrvr.com
emailsrvr.com|Rackspace|mailbox|emailsrvr.com
secureserver.net|GoDaddy|mailbox|secureserver.net
privateemail.com|Namecheap|mailbox|spf.privateemail.com
titan.email|Titan|mailbox|spf.titan.email
hostinger.com|Hostinger|mailbox|_spf.mail.hostinger.com
one.com|one.com|mailbox|_custspf.one.com
strato.de|STRATO|mailbox|
rzone.de|STRATO|mailbox|
mxroute.com|MXroute|mailbox|mxroute.com
tutanota.de|Tuta|mailbox|spf.tutanota.de
t-online.de|Telekom|mailbox|
orange.fr|Orange|mailbox|
free.fr|Free|mailbox|
comcast.net|Comcast|mailbox|
qq.com|Tencent QQ|mailbox|spf.mail.qq.com
163.com|NetEase|mailbox|spf.163.com
amazonses.com|Amazon SES|sender|amazonses.com
amazonaws.com|Amazon Web Services|sender|
sendgrid.net|Twilio SendGrid|sender|sendgrid.net
mailgun.net|Mailgun|sender|mailgun.org
mailgun.org|Mailgun|sender|mailgun.org
mcsv.net|Mailchimp|sender|servers.mcsv.net
mcdlv.net|Mailchimp|sender|servers.mcsv.net
rsgsv.net|Mailchimp|sender|servers.mcsv.net
mandrillapp.com|Mailchimp Transactional|sender|spf.mandrillapp.com
mtasv.net|Postmark|sender|spf.mtasv.net
postmarkapp.com|Postmark|sender|spf.mtasv.net
sparkpostmail.com|SparkPost|sender|sparkpostmail.com
sendinblue.com|Brevo|sender|spf.brevo.com
brevo.com|Brevo|sender|spf.brevo.com
mailjet.com|Mailjet|sender|spf.mailjet.com
hubspotemail.net|HubSpot|sender|
hubspot.com|HubSpot|sender|
salesforce.com|Salesforce|sender|_spf.salesforce.com
exacttarget.com|Salesforce Marketing Cloud|sender|cust-spf.exacttarget.com
zendesk.com|Zendesk|sender|mail.zendesk.com
freshdesk.com|Freshdesk|sender|email.freshdesk.com
freshemail.io|Freshworks|sender|
intercom-mail.com|Intercom|sender|
helpscout.net|Help Scout|sender|helpscoutemail.com
constantcontact.com|Constant Contact|sender|spf.constantcontact.com
ccsend.com|Constant Contact|sender|spf.constantcontact.com
createsend.com|Campaign Monitor|sender|_spf.createsend.com
cmail19.com|Campaign Monitor|sender|_spf.createsend.com
mlsend.com|MailerLite|sender|_spf.mlsend.com
klaviyomail.com|Klaviyo|sender|
aweber.com|AWeber|sender|send.aweber.com
getresponse.com|GetResponse|sender|
acems1.com|ActiveCampaign|sender|
emsd1.com|ActiveCampaign|sender|
elasticemail.com|Elastic Email|sender|_spf.elasticemail.com
smtp2go.com|SMTP2GO|sender|spf.smtp2go.com
smtp.com|SMTP.com|sender|
socketlabs.com|SocketLabs|sender|
cleverreach.com|CleverReach|sender|spf.crsend.com
crsend.com|CleverReach|sender|spf.crsend.com
rapidmail.de|rapidmail|sender|
inxserver.de|Inxmail|sender|
emarsys.net|Emarsys|sender|emarsys.net
shopify.com|Shopify|sender|shops.shopify.com
stripe.com|Stripe|sender|
atlassian.net|Atlassian|sender|_spf.atlassian.net
docusign.net|DocuSign|sender|
linkedin.com|LinkedIn|sender|
facebook.com|Facebook|sender|
github.com|GitHub|sender|
resend.com|Resend|sender|
mailersend.net|MailerSend|sender|_spf.mailersend.net
kajabimail.net|Kajabi|sender|
pphosted.com|Proofpoint|forwarder|
ppe-hosted.com|Proofpoint Essentials|forwarder|
mimecast.com|Mimecast|forwarder|
messagelabs.com|Symantec Email Security|forwarder|
barracudanetworks.com|Barracuda|forwarder|
ess.barracuda.com|Barracuda|forwarder|
iphmx.com|Cisco Secure Email|forwarder|
trendmicro.com|Trend Micro|forwarder|
hornetsecurity.com|Hornetsecurity|forwarder|
antispameurope.com|Hornetsecurity|forwarder|
mailcontrol.com|Forcepoint|forwarder|
sophos.com|Sophos|forwarder|
forwardemail.net|Forward Email|forwarder|
improvmx.com|ImprovMX|forwarder|
cloudflare-email.net|Cloudflare Email Routing|forwarder|
simplelogin.co|SimpleLogin|forwarder|
addy.io|addy.io|forwarder|
anonaddy.me|addy.io|forwarder|
duckduckgo.com|DuckDuckGo Email Protection|forwarder|
firefox.com|Firefox Relay|forwarder|
pobox.com|Pobox|forwarder|
registrar-servers.com|Namecheap forwarding|forwarder|
name-services.com|eNom forwarding|forwarder|
googlegroups.com|Google Groups|list|
groups.io|Groups.io|list|
mailman3.org|Mailman 3|list|
python.org|python.org lists|list|
lists.debian.org|Debian lists|list|
debian.org|Debian lists|list|
ietf.org|IETF lists|list|
gnu.org|GNU lists|list|
kernel.org|kernel.org lists|list|
freebsd.org|FreeBSD lists|list|
listserv.com|LISTSERV|list|
freelists.org|FreeLists|list|
"""


def _services() -> dict[str, Service]:
    rows = (line.split("|") for line in _TABLE.strip().splitlines())
    return {domain: Service(domain, name, Kind(kind), include) for domain, name, kind, include in rows}


SERVICES = _services()


def service_of(name: str) -> Service | None:
    """The service under whose domain a host name is; None for one that is not in the table."""
    host = name.lower().rstrip(".")
    while host:
        if host in SERVICES:
            return SERVICES[host]
        if host == organisational_domain(host):
            return None
        host = host.partition(".")[2]
    return None
