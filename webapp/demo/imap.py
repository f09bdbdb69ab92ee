"""A small IMAP server (RFC 9051): the demo's mailbox for reports, and in tests one that can misbehave."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from webapp.demo.ownloop import OwnLoop

WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|([^\s()"]+)')
PARTIAL = re.compile(r"<0\.(\d+)>")
LONGEST = 8192  # bytes of a command
Hook = Callable[[str, list[str]], Awaitable[None]]


@dataclass
class Mail:
    """One mail in a folder."""

    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Folder:
    """A folder; `add` numbers its mails."""

    validity: int = 1
    mails: list[Mail] = field(default_factory=list)
    next_uid: int = 1

    def add(self, content: bytes, *flags: str) -> int:
        """Put a mail in; returns its UID."""
        self.mails.append(Mail(self.next_uid, content, set(flags)))
        self.next_uid += 1
        return self.next_uid - 1

    def renumber(self, validity: int) -> None:
        """What a restored mailbox does: every mail gets another UID."""
        self.validity = validity
        for position, mail in enumerate(self.mails, 1):
            mail.uid = position
        self.next_uid = len(self.mails) + 1


async def _nothing(_: str, __: list[str]) -> None:
    """No misbehaviour."""


@dataclass
class ImapServer(OwnLoop):
    """Use as a context manager. `hook` is called with each command and its words; it may wait, or
    raise ConnectionError."""

    user: str = "dmarc@example.com"
    password: str = "secret"  # noqa: S105 - of the demo
    port: int = 0
    capabilities: tuple[str, ...] = ("IMAP4rev1", "UIDPLUS", "MOVE", "NAMESPACE")
    separator: str = "/"
    prefix: str = ""
    tells_size: bool = True
    cuts: bool = True  # a partial fetch
    hook: Hook = _nothing
    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder()})
    commands: list[str] = field(default_factory=list)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=LONGEST)
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self, reader, writer)
        try:
            await session.run()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


class Session:
    """One connection."""

    def __init__(
        self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.open: Folder | None = None
        self.writable = False
        self.known = False

    async def run(self) -> None:
        """Answer commands until LOGOUT."""
        await self.send(b"* OK ready\r\n")
        while text := await self.reader.readline():
            words = [found[found.lastindex or 0] for found in WORD.finditer(text.rstrip(b"\r\n"))]
            if len(words) < 2:
                return
            tag, given = words[0], [word.decode("utf-8", "replace").replace('\\"', '"') for word in words[1:]]
            name = " ".join(given[:2]).upper() if given[0].upper() == "UID" else given[0].upper()
            self.server.commands.append(name)
            arguments = given[2:] if name.startswith("UID ") else given[1:]
            await self.server.hook(name, arguments)
            answer = await self.answer(name, arguments)
            await self.send(tag + b" " + answer.encode() + b"\r\n")
            if name == "LOGOUT":
                return

    async def send(self, data: bytes) -> None:
        """Write, and wait until the other side takes more."""
        self.writer.write(data)
        await self.writer.drain()

    async def tell(self, *lines: str) -> None:
        """Untagged answers."""
        for text in lines:
            await self.send(f"* {text}\r\n".encode())

    async def answer(self, name: str, words: list[str]) -> str:
        """Do what is asked; returns the tagged answer."""
        simple = {"CAPABILITY", "NOOP", "LOGOUT", "LOGIN", "AUTHENTICATE"}
        if name not in simple and not self.known:
            return "NO log in first"
        handler = getattr(self, "do_" + name.lower().replace(" ", "_"), None)
        return str(await handler(words)) if handler else "BAD unknown command"

    async def do_capability(self, _: list[str]) -> str:
        await self.tell("CAPABILITY " + " ".join(self.server.capabilities))
        return "OK done"

    async def do_noop(self, _: list[str]) -> str:
        return "OK done"

    async def do_logout(self, _: list[str]) -> str:
        await self.tell("BYE until then")
        return "OK done"

    async def do_login(self, words: list[str]) -> str:
        return self.judge(words)

    async def do_authenticate(self, _: list[str]) -> str:
        await self.send(b"+ \r\n")
        given = base64.b64decode(await self.reader.readline()).decode().split("\0")
        return self.judge(given[1:])

    def judge(self, given: list[str]) -> str:
        """Let the one user in."""
        self.known = given[:2] == [self.server.user, self.server.password]
        return "OK welcome" if self.known else "NO [AUTHENTICATIONFAILED] Authentication failed."

    async def do_namespace(self, _: list[str]) -> str:
        await self.tell(f'NAMESPACE (("{self.server.prefix}" "{self.server.separator}")) NIL NIL')
        return "OK done"

    async def do_list(self, _: list[str]) -> str:
        await self.tell(*(f'LIST () "{self.server.separator}" "{name}"' for name in self.server.folders))
        return "OK done"

    async def do_select(self, words: list[str]) -> str:
        return await self.opened(words[0], writable=True)

    async def do_examine(self, words: list[str]) -> str:
        return await self.opened(words[0], writable=False)

    async def opened(self, name: str, *, writable: bool) -> str:
        """Open a folder."""
        self.open, self.writable = self.server.folders.get(name), writable
        if self.open is None:
            return f"NO [NONEXISTENT] Mailbox doesn't exist: {name}"
        told = f"OK [UIDVALIDITY {self.open.validity}] valid", f"OK [UIDNEXT {self.open.next_uid}] next"
        await self.tell("FLAGS (\\Seen \\Deleted)", f"{len(self.open.mails)} EXISTS", "0 RECENT", *told)
        return f"OK [{'READ-WRITE' if writable else 'READ-ONLY'}] done"

    async def do_create(self, words: list[str]) -> str:
        if not words[0].startswith(self.server.prefix):
            return "NO [CANNOT] Invalid namespace"
        self.server.folders.setdefault(words[0], Folder())
        return "OK done"

    async def do_subscribe(self, _: list[str]) -> str:
        return "OK done"

    async def do_uid_search(self, words: list[str]) -> str:
        mails = self.opened_mails()
        if words[0] == "UID":
            chosen = list(self.chosen(words[1]))
        else:
            chosen = [mail for mail in mails if words[0] == "ALL" or "\\Deleted" in mail.flags]
        await self.tell("SEARCH " + " ".join(str(mail.uid) for mail in chosen))
        return "OK done"

    def opened_mails(self) -> list[Mail]:
        """The mails of the open folder."""
        return self.open.mails if self.open else []

    def chosen(self, text: str) -> Iterator[Mail]:
        """The mails of a set of UIDs; `*` is the last one."""
        last = max((mail.uid for mail in self.opened_mails()), default=0)
        runs = []
        for part in text.split(","):
            first, _, end = part.replace("*", str(last)).partition(":")
            runs.append(sorted((int(first), int(end or first))))
        return (mail for mail in list(self.opened_mails()) if any(a <= mail.uid <= b for a, b in runs))

    async def do_uid_fetch(self, words: list[str]) -> str:
        wanted = " ".join(words[1:])
        for mail in self.chosen(words[0]):
            number = self.opened_mails().index(mail) + 1
            if "BODY" not in wanted:
                size = f" RFC822.SIZE {len(mail.content)}" if self.server.tells_size else ""
                await self.tell(f"{number} FETCH (UID {mail.uid}{size})")
                continue
            if "PEEK" not in wanted and self.writable:
                mail.flags.add("\\Seen")
            most = PARTIAL.search(wanted)
            content = mail.content[: int(most[1])] if most and self.server.cuts else mail.content
            begin = f"* {number} FETCH (UID {mail.uid} BODY[]{'<0>' if most else ''} {{{len(content)}}}\r\n"
            await self.send(begin.encode() + content + b")\r\n")
        return "OK done"

    async def do_uid_store(self, words: list[str]) -> str:
        if not self.writable:
            return "NO read-only"
        for mail in self.chosen(words[0]):
            mail.flags |= set(words[2].strip("()").split())
        return "OK done"

    async def do_uid_copy(self, words: list[str]) -> str:
        target = self.server.folders.get(words[1])
        if target is None:
            return "NO [TRYCREATE] no such folder"
        for mail in self.chosen(words[0]):
            target.add(mail.content, *mail.flags)
        return "OK done"

    async def do_uid_move(self, words: list[str]) -> str:
        if "MOVE" not in self.server.capabilities:
            return "BAD unknown command"
        moved = list(self.chosen(words[0]))
        done = await self.do_uid_copy(words)
        if done.startswith("OK"):
            self.remove(moved)
        return done

    async def do_uid_expunge(self, words: list[str]) -> str:
        self.remove([mail for mail in self.chosen(words[0]) if "\\Deleted" in mail.flags])
        return "OK done"

    async def do_expunge(self, _: list[str]) -> str:
        self.remove([mail for mail in self.opened_mails() if "\\Deleted" in mail.flags])
        return "OK done"

    def remove(self, mails: list[Mail]) -> None:
        """Take mails out of the open folder."""
        if self.open is not None and self.writable:
            gone = {mail.uid for mail in mails}
            self.open.mails = [mail for mail in self.open.mails if mail.uid not in gone]
