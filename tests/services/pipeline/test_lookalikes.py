"""Looked for together, what one key is common to hides nobody who is kept under another."""

from uuid import UUID, uuid4

from .sales import Sales


async def test_a_key_that_very_many_have_hides_nobody_kept_under_another(sales: Sales) -> None:
    pool = sales.serving.service.pool
    rare = UUID(await sales.customer())
    await sales.serving.catch_up()
    many = [uuid4() for _ in range(60)]
    await pool.executemany(
        "INSERT INTO likeness (customer_id, place, key) VALUES ($1, $2, $3)",
        [*((id, 0, "common") for id in many), (rare, 900, "rare"), (rare, 901, "zz last")],
    )
    await pool.executemany(
        "INSERT INTO customer SELECT copied.* FROM customer c, LATERAL"
        " jsonb_populate_record(c, jsonb_build_object('customer_id', $2::text)) AS copied"
        " WHERE c.customer_id = $1",
        [(rare, str(id)) for id in many],
    )
    try:
        for most, shown in ((1, 2), (2, 61)):
            records = await pool.fetch("SELECT * FROM lookalikes($1, $2)", "common\nrare\nzz last", most)
            found = {record["customer_id"]: sorted(record["keys"]) for record in records}
            assert len(found) == shown
            assert found.pop(rare) == ["rare", "zz last"]
            assert {key for keys in found.values() for key in keys} == {"common"}
            assert found.keys() <= set(many)
        assert await pool.fetch("SELECT * FROM lookalikes('', 5)") == []
    finally:
        await pool.execute("DELETE FROM customer WHERE customer_id = ANY ($1)", many)
        await pool.execute("DELETE FROM likeness WHERE customer_id = ANY ($1) OR place >= 900", many)
