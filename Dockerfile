# The whole viewer in one container: web, worker, scheduler, and its own PostgreSQL and Valkey on the volume /data.
# With DATABASE_URL (or POSTGRES_*) and REDIS_URL set it uses yours instead.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app

COPY requirements.txt ./
RUN pip install --prefer-binary -r requirements.txt

# PostgreSQL refuses to run as root, and the volume takes over the owner of /data.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin viewer \
    && install -d -o viewer -g viewer -m 0750 /data

COPY . .
RUN python -m compileall -q webapp jobs migrations wsgi.py && python -m webapp.standalone.precompile

USER viewer
ENV DATA_DIR=/data \
    APP_PORT=8080
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"APP_PORT\"]}/api/health', timeout=8)"]

CMD ["python", "-m", "webapp.standalone"]
