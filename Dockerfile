# One image for every process of the house; compose.yaml gives each its command.
# Build: docker build -t barograph .    The lake is a volume at /var/lib/barograph, never a layer.

FROM python:3.12-slim-bookworm AS packages
WORKDIR /build
COPY requirements.lock ./
# Ready-built packages only and hash by hash, so no compiler enters the image.
RUN python -m venv /opt/barograph \
    && /opt/barograph/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
       --require-hashes --only-binary=:all: -r requirements.lock

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home barograph \
    && install --directory --owner=barograph --group=barograph --mode=0700 \
       /var/lib/barograph /var/lib/barograph-keys
COPY --from=packages /opt/barograph /opt/barograph
WORKDIR /srv/barograph
COPY . .
# The source stays root's: the processes can read it, whatever umask it was fetched under, and not
# change it.
RUN chmod -R a+rX,go-w . && /opt/barograph/bin/python -m compileall -q .
ENV PATH=/opt/barograph/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    DATA_DIR=/var/lib/barograph
USER 10001:10001
VOLUME ["/var/lib/barograph"]
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
# Refused as it stands, since there is no login: whoever publishes the port adds the names under
# which the pages are opened and --without-login, as compose.yaml does for this machine alone.
CMD ["python", "app.py", "--address", "0.0.0.0"]
