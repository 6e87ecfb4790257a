from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from prover.core.budget import SearchBudget
from prover.core.record import (
    ProofRecord,
    SearchResult,
    SearchStatistics,
    StopReason,
    StoredRecord,
    TheoremVerdict,
    Verification,
)
from prover.errors import Message

TEXT = st.text(max_size=20)
VERIFICATIONS = st.builds(
    Verification,
    accepted=st.booleans(),
    environment=TEXT,
    reason=st.none() | TEXT,
    messages=st.lists(st.builds(Message, st.sampled_from(["info", "warning", "error"]), TEXT)).map(tuple),
    theorems=st.lists(st.builds(TheoremVerdict, name=TEXT, axioms=st.lists(TEXT).map(tuple))).map(tuple),
    source=st.none() | TEXT,
)
RECORDS = st.builds(
    ProofRecord,
    prover_version=TEXT,
    name=TEXT,
    statement=TEXT,
    digest=TEXT,
    environment=TEXT,
    policy=TEXT,
    budget=st.builds(SearchBudget, expansions=st.integers(1, 9)),
    search=st.builds(
        SearchResult,
        stop=st.sampled_from(StopReason),
        tactics=st.none() | st.lists(TEXT).map(tuple),
        statistics=st.builds(SearchStatistics, expansions=st.integers(0, 9)),
    ),
    verification=st.none() | VERIFICATIONS,
)

STORED: TypeAdapter[ProofRecord] = TypeAdapter(StoredRecord)


@given(RECORDS)
def test_record_survives_json(record: ProofRecord) -> None:
    assert STORED.validate_json(record.model_dump_json()) == record


@given(RECORDS)
def test_proved_needs_an_accepted_verification(record: ProofRecord) -> None:
    assert record.proved == (record.verification is not None and record.verification.accepted)
    assert (record.proof is None) or record.proved
    assert record.model_dump(mode="json")["proved"] == record.proved
