"""Databases on a PostgreSQL server: made when absent, dropped when done with."""

from urllib.parse import urlsplit

import asyncpg


def with_database(url: str, name: str) -> str:
    """The same server's URL, for another database."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


async def create_database(url: str, name: str) -> str:
    """Make an empty database unless it is there; its URL."""
    connection = await asyncpg.connect(with_database(url, "postgres"))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    finally:
        await connection.close()
    return with_database(url, name)


async def drop_database(url: str, name: str) -> None:
    """Drop it, and whoever is still connected to it."""
    connection = await asyncpg.connect(with_database(url, "postgres"))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
