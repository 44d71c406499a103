"""The same endpoint on FastAPI with the eventsourcing library's own Application on PostgreSQL.

In the mode that its settings choose (locking by default; POSTGRES_ENABLE_DB_FUNCTIONS for its function
mode). Its calls block, so the endpoint is a plain ``def`` that FastAPI runs in its thread pool.
"""

from uuid import UUID

from fastapi import FastAPI

from bench.rivals.call import Call, Logged
from bench.rivals.opportunities import SnapshottedOpportunities

opportunities = SnapshottedOpportunities()
app = FastAPI()


@app.post("/opportunities", status_code=201)
def open_opportunity() -> Logged:
    """A fresh stream to write to."""
    return Logged(id=opportunities.open(), version=1)


@app.post("/opportunities/{opportunity_id}/calls", status_code=201)
def log_call(opportunity_id: UUID, body: Call) -> Logged:
    """Load, apply, save."""
    return Logged(id=opportunity_id, version=opportunities.log_call(opportunity_id, body))
