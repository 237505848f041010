# Định Danh: one image for every service (target "service"), one for the mail catcher (target "mail").
# Which service runs is the command; settings come from the environment, secrets from files.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS installer
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/bootstrap.txt /requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip install --require-hashes -r /requirements/bootstrap.txt

FROM installer AS service-packages
COPY requirements/runtime.txt /requirements/
RUN uv pip sync --no-cache --compile-bytecode --python /opt/venv/bin/python --require-hashes /requirements/runtime.txt

FROM installer AS mail-packages
COPY requirements/mail.txt /requirements/
RUN uv pip sync --no-cache --compile-bytecode --python /opt/venv/bin/python --require-hashes /requirements/mail.txt

FROM ${PYTHON} AS base
# Nothing beside our own packages can be imported by chance: the working directory is not on the path.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv
USER 10001:10001

FROM base AS mail
COPY --from=mail-packages /opt/venv /opt/venv
COPY demo/__init__.py demo/mail.py /srv/demo/
CMD ["python", "-m", "demo.mail", "--help"]

FROM base AS service
COPY --from=service-packages /opt/venv /opt/venv
COPY keys /srv/keys
COPY web /srv/web
COPY population_registry /srv/population_registry
COPY idp /srv/idp
COPY clients /srv/clients
COPY demo/personas.toml /srv/demo/personas.toml
COPY --chmod=0755 deploy/entrypoint /usr/local/bin/entrypoint
USER root
RUN python -m compileall -q /srv
USER 10001:10001
ENTRYPOINT ["entrypoint"]
CMD ["python", "-c", "raise SystemExit('Name the service to run; docker-compose.yml shows how.')"]
