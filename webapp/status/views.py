"""/api/health and /api/info."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict

from webapp.config import VERSION
from webapp.db import db
from webapp.openapi import documented
from webapp.status import queries
from webapp.web import settings, visitor

api = Blueprint("status_api", __name__)


class Health(BaseModel):
    """Whether the program can work."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {
        "status": "healthy", "database": "connected", "version": VERSION,
        "config": {"fetch_interval": 60, "retention_days": 7, "mailcow_url": "https://mail.example.com", "blacklist_enabled": False,
                   "auth_enabled": False}}})

    status: str
    database: str
    version: str


class Info(BaseModel):
    """The application and its configuration."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {
        "name": "Mailcow Logs Viewer", "version": VERSION, "mailcow_url": "https://mail.example.com", "local_domains": ["example.com"],
        "fetch_interval": 60, "retention_days": 7, "timezone": "UTC", "app_title": "Mailcow Logs Viewer", "app_logo_url": "",
        "blacklist_count": 0, "auth_enabled": False}})

    name: str
    version: str
    local_domains: list[str]


@api.get("/api/health")
@documented("Health", answer=Health, codes=(503,))
def health() -> ResponseReturnValue:
    """Health check for monitoring and load balancers

    Public. With authentication on, `config` is shown only to those who log in.
    """
    queries.database_answers(db.session())
    answer: dict[str, Any] = {"status": "healthy", "database": "connected", "version": VERSION}
    if not settings().auth_enabled or visitor():
        answer["config"] = queries.configuration(settings())
    return jsonify(answer)


@api.get("/api/info")
@documented("Health", answer=Info)
def info() -> ResponseReturnValue:
    """Application information and configuration"""
    return jsonify(queries.information(db.session(), settings()))
