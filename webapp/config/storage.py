"""Where the program keeps what it knows."""

from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel


class StorageSettings(BaseModel):
    """The database, Valkey or Redis, and the folder of the program's own files."""

    database_url: str = ""
    postgres_host: str = ""
    postgres_port: int = 5432
    postgres_user: str = ""
    postgres_password: str = ""
    postgres_db: str = ""
    redis_url: str = ""
    data_dir: Path = Path("data")

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy wants it; '' where nothing is configured."""
        if self.database_url:
            scheme, separator, rest = self.database_url.partition("://")
            known = separator and scheme.startswith("postgres")
            return f"postgresql+psycopg://{rest}" if known else self.database_url
        if self.postgres_host:
            user, password = quote(self.postgres_user, safe=""), quote(self.postgres_password, safe="")
            place = f"{self.postgres_host}:{self.postgres_port}/{self.postgres_db}"
            return f"postgresql+psycopg://{user}:{password}@{place}"
        return ""
