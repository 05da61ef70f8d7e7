# One process on SQLite, or several of these against one PostgreSQL (compose.yaml). Data lives in /app/data.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt pyproject.toml LICENSE ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY app app
# what installs is not needed to run
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && .venv/bin/pip uninstall --yes --quiet setuptools pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin timesink \
    && mkdir -p /app/data /app/backups && chown timesink /app/data /app/backups
WORKDIR /app
COPY --from=build /app /app
COPY migrations migrations
COPY static static
COPY templates templates
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER timesink
VOLUME ["/app/data", "/app/backups"]
EXPOSE 8000
# not ready: the database cannot be reached, or stands at another revision than this code
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# a batch in hand is answered before the process ends
STOPSIGNAL SIGTERM
CMD ["timesink", "serve", "--host", "0.0.0.0", "--port", "8000"]
