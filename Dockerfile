# The command in a container, from the locked versions: docker build --tag ringfence .
#   docker run --rm --volume "$PWD:/data" ringfence scan access.log --out result
#   docker run --detach --volume ringfence:/data --publish 127.0.0.1:8470:8470 --publish 127.0.0.1:8471:8471 \
#     --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges ringfence serve --config /data/ringfence.toml
FROM python:3.13-slim AS build
WORKDIR /source
COPY locks locks
# pip checks the hash of every package, its own included.
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --require-hashes --requirement locks/build.txt \
 && python -m venv --without-pip /opt/ringfence \
 && /build/bin/pip --python /opt/ringfence/bin/python install --no-cache-dir --require-hashes --requirement locks/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /build/bin/pip --python /opt/ringfence/bin/python install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home ringfence && install --directory --mode 700 --owner ringfence /data
COPY --from=build /opt/ringfence /opt/ringfence
USER ringfence
WORKDIR /data
# The live service keeps its folder here. It listens there if service.host is "0.0.0.0".
VOLUME /data
EXPOSE 8470 8471
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/ringfence/bin/ringfence"]
CMD ["--help"]
