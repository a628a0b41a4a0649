# The app alone, on SQLite in the volume /data.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 parley && mkdir /data && chown parley /data
WORKDIR /parley
COPY requirements.lock .
RUN pip install --no-cache-dir -r requirements.lock
COPY app.py settings.py worker.py ./
COPY models models
COPY moderation moderation
COPY discussion discussion
COPY jobs jobs
COPY web web

USER parley
ENV FLASK_APP=app:create_app PARLEY_INSTANCE=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz')"]
CMD ["sh", "-c", "flask db upgrade && if [ \"$PARLEY_DEMO\" = 1 ]; then flask seed; fi && exec granian --interface wsgi --factory --host 0.0.0.0 --port 8000 --workers 1 --blocking-threads 16 --no-ws --no-access-log --workers-kill-timeout 10 --log-level error app:serve"]
