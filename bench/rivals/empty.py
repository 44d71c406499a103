"""The same endpoint with nothing behind it: FastAPI reads and checks the body, and answers."""

from uuid import UUID

from fastapi import FastAPI

from bench.rivals.call import Call, Logged

app = FastAPI()


@app.post("/opportunities/{opportunity_id}/calls", status_code=201)
async def log_call(opportunity_id: UUID, body: Call) -> Logged:
    """Does nothing."""
    return Logged(id=opportunity_id, version=1)
