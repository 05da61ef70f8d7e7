# One process on SQLite, or several of these against one PostgreSQL (TIMESINK_DATABASE_URL). Data lives in /app/data.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt pyproject.toml LICENSE ./
RUN python -m venv /app/.venv && /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY app app
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app timesink && mkdir -p /app/data && chown timesink /app/data
WORKDIR /app
COPY --from=build /app /app
COPY migrations migrations
COPY static static
COPY templates templates
COPY LICENSE ./
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER timesink
VOLUME /app/data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["timesink", "serve", "--host", "0.0.0.0", "--port", "8000"]
