"""`python -m jobs.scheduler`: puts due jobs into the queue."""

import logging
import os
import time
import warnings
from collections.abc import Callable

from redis import Redis
from sqlalchemy import Engine

from jobs.run import application
from jobs.schedule import begin, scheduler, sync
from webapp.settings.live import Live
from webapp.tables.db import db

PATIENCE = 10  # seconds for an answer of Redis; without one the process ends and is started again


def follow(live: Live, engine: Engine, connection: Redis) -> Callable[[], object]:
    """Lay the timetable; returns the look that lays it anew whenever settings were changed in the browser."""
    live.look(engine, at_once=True)
    sync(connection, live.settings)
    live.when_changed(lambda settings: sync(connection, settings))
    return lambda: live.look(engine)


def main() -> None:
    """Run until SIGTERM or SIGINT. Cron lines are read in the configured time zone."""
    app = application()
    settings = app.config["SETTINGS"]
    warnings.filterwarnings("ignore", category=FutureWarning, module="rq_scheduler")
    logging.basicConfig(level=settings.log_level)
    os.environ["TZ"] = settings.tz
    time.tzset()
    connection = Redis.from_url(
        settings.redis_url or "redis://localhost:6379/0",
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
    )
    keeper = scheduler(connection)
    with app.app_context():
        keeper.before_each_look = follow(app.extensions["settings"], db.engine, connection)
    begin(keeper, app.extensions["settings"].settings)
    connection.delete(keeper.scheduler_lock_key)
    keeper.run()


if __name__ == "__main__":
    main()
