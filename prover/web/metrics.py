"""Prometheus metrics of this process, and of all workers together (whose totals are in Redis)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from prover.jobs.attempt import SECONDS
from prover.jobs.statistics import StoreStatistics

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The metrics of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "prover_http_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "prover_http_request_seconds",
            "Time from a request to the end of its response",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.streams = Gauge("prover_event_streams", "Open event streams", registry=self.registry)
        self.store_up = Gauge("prover_store_up", "1 if Redis answers, else 0", registry=self.registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, statistics: StoreStatistics | None) -> bytes:
        """Return the text of /metrics. `statistics` is None while Redis is down."""
        self.store_up.set(statistics is not None)
        text = generate_latest(self.registry)
        if statistics is not None:
            shared = CollectorRegistry()
            shared.register(_Fixed(list(_shared(statistics))))
            text += generate_latest(shared)
        return text


class _Fixed:
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _shared(statistics: StoreStatistics) -> Iterable[Metric]:
    jobs = GaugeMetricFamily("prover_jobs", "Unfinished jobs", labels=["status"])
    jobs.add_metric(["queued"], statistics.queued)
    jobs.add_metric(["running"], statistics.running)
    yield jobs
    yield GaugeMetricFamily("prover_queue_age_seconds", "Age of the next job in the queue", value=statistics.age_s)
    yield GaugeMetricFamily("prover_store_bytes", "Memory that Redis uses", value=statistics.bytes)
    yield GaugeMetricFamily("prover_workers", "Live worker processes", statistics.workers)
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    for name, value in statistics.totals.items():
        group, _, member = name.partition(":")
        groups[group][member] = value
    for group, (text, label) in {
        "jobs": ("Finished jobs", "status"),
        "tactics": ("Tactics tried, by outcome", "outcome"),
        "answered": ("Records, by source", "source"),
        "stopped": ("Searches, by stop reason", "reason"),
        "verdicts": ("Completed jobs, by verdict", "verdict"),
        "cache_hits": ("Cache hits", "kind"),
        "cache_misses": ("Cache misses", "kind"),
        "model": ("Requests to language models", "what"),
    }.items():
        name = {"jobs": "jobs_ended"}.get(group, group)
        family = CounterMetricFamily(f"prover_{name}", text, labels=[label])
        for member, value in sorted(groups.get(group, {}).items()):
            family.add_metric([member], value)
        yield family
    for group, text in {
        "proved": "Theorems proved",
        "expansions": "States expanded",
        "verifications": "Proofs verified after a search",
        "verification_seconds": "Time spent on verification",
        "reverified": "Proofs from the cache that were verified again",
        "reverification_rejected": "Proofs from the cache that were rejected",
        "lost": "Jobs taken from lost workers",
        "released": "Jobs that workers released",
    }.items():
        yield CounterMetricFamily(f"prover_{group}", text, value=groups.get(group, {}).get("", 0.0))
    seconds, total, buckets = groups.get("proof_seconds", {}), 0.0, []
    for bound in (*(f"{bound:g}" for bound in SECONDS), "inf"):
        total += seconds.get(bound, 0.0)
        buckets.append(("+Inf" if bound == "inf" else bound, total))
    histogram = HistogramMetricFamily("prover_proof_seconds", "Time of an attempt, with search and verification")
    histogram.add_metric([], buckets=buckets, sum_value=seconds.get("sum", 0.0))
    yield histogram
