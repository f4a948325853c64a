# A machine that makes the reports, by user 1000, who must be able to write into the folder given to it:
#   docker build --tag workbench .
#   docker run --rm --volume "$PWD/reports:/home/worker/workbench/reports" workbench
FROM python:3.11-slim AS tools
# git names the commit in a report's footer; versions are those of the base image's release
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 worker \
    && install --directory --owner=worker --group=worker /home/worker/workbench
# worker, by number, so that whatever runs it can see that it is not root
USER 1000
WORKDIR /home/worker/workbench

FROM tools AS workbench
COPY --chown=worker:worker . .
RUN make install-locked
CMD ["make", "reports"]
