"""`python -m jobs.scheduler`: puts due jobs into the queue."""

import logging
import os
import time
import warnings

from redis import Redis

from jobs.schedule import scheduler, sync
from webapp.config import load_settings


def main() -> None:
    """Run until SIGTERM or SIGINT. Cron lines are read in the configured time zone."""
    settings = load_settings()
    warnings.filterwarnings("ignore", category=FutureWarning, module="rq_scheduler")
    logging.basicConfig(level=settings.log_level)
    os.environ["TZ"] = settings.tz
    time.tzset()
    connection = Redis.from_url(settings.redis_url or "redis://localhost:6379/0")
    sync(connection, settings)
    keeper = scheduler(connection)
    connection.delete(keeper.scheduler_lock_key)
    keeper.run()


if __name__ == "__main__":
    main()
