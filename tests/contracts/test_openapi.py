"""Every context keeps what its OpenAPI document says, whatever is sent to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from keqing_collections.app import CONTEXT as COLLECTIONS
from keqing_notify.app import CONTEXT as NOTIFY
from keqing_pipeline.app import CONTEXT as PIPELINE
from keqing_service_desk.app import CONTEXT as SERVICE_DESK
from keqing_shared.context import Context
from tests.exploring import explore
from tests.harness import serving

BRIEF = replace(NOTIFY, policy=replace(NOTIFY.policy, live_for=0))
"""Its live stream ends at once; so nobody changes the policy there, which the other three let anybody try."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("context", [PIPELINE, SERVICE_DESK, COLLECTIONS, BRIEF], ids=lambda it: it.name)
async def test_nothing_is_found(context: Context, database: str, nats_url: str, tmp_path: Path) -> None:
    async with serving(context, database, tmp_path, nats_url) as it:
        if context is PIPELINE:  # who explores may own what comes of it
            explorer = {"login": "li.wei", "name": "李伟", "roles": ["rep", "sales_manager"]}
            assert (await it.client("root", "admin").post("/users", json=explorer)).status_code == 201
        kept = ("--exclude-path", "/notify/policy") if context is BRIEF else ()
        await explore(it, examples=4, options=kept)
