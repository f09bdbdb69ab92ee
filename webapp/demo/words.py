"""Subjects and names for simulated mail."""

BUSINESS = (
    "Order {n} is on its way",
    "Your invoice {n}",
    "Re: Reading on Thursday evening",
    "Spring catalogue, first proofs",
    "Bestellung {n}",
    "Rechnung {n} vom Monatsende",
    "Re: Lieferschein {n} fehlt",
    "Angebot {n}: Regalböden Eiche",
    "Terminbestätigung Werft, Slip 2",
    "Devis n° {n} pour l'impression",
    "Re: Commande {n}, délai de livraison",
    "Question about a first edition",
    "Minutes of Monday's meeting",
    "Window display for December",
    "Delivery slot tomorrow 8:00-10:00",
    "Re: Re: Table for twelve on Friday",
    "School list for next term",
    "Fwd: Boat show tickets",
    "Parking permit renewal",
    "Could you hold a copy for me?",
)
UTF8 = (
    "Größere Lieferung – bitte prüfen",
    "Réservation confirmée : café littéraire ☕",
    "Überweisung für März bestätigt ✔",
    "Einladung: Frühlingsfest auf der Werft 🎉",
    "Ihre Anfrage „Seekarten Ostsee“",
    "Re: Mañana a las 9, ¿de acuerdo?",
)
INTERNAL = (
    "Stock count on Saturday",
    "Who has the key to the back office?",
    "Schichtplan KW {week}",
    "Re: Coffee machine",
    "Draft for the newsletter",
    "Please sign invoice {n}",
    "Holiday calendar",
    "Re: Kundin wartet auf Rückruf",
    "Lunch at the pier?",
)
SPAM = (
    "You have WON 500.000 EUR",
    "URGENT: your mailbox is almost full",
    "Re: your parcel {n} is waiting",
    "Cheap loans, no questions asked",
    "Ihr Konto wurde gesperrt",
    "Act now: 90% off watches",
    "Votre colis {n} est bloqué",
    "Increase your traffic overnight",
)
NEWSLETTER = ("Book Trade Weekly, issue {week}", "What sold last week", "Five debuts to watch")
SPAM_NAMES = ("office", "winner", "no-reply", "support", "security", "promo", "mrs.grant")
MISTYPED = (
    "anna.kellar",
    "jonas.webber",
    "inof",
    "order",
    "b.hughes",
    "kate",
    "emma.l",
    "support",
    "webmaster",
    "felix",
)
LOGINS = (
    "admin",
    "info@harbour-books.example",
    "test",
    "scanner",
    "postmaster",
    "root",
    "kate.sinclair@harbour-books.example",
)
