"""The yardstick: an endpoint that reads a batch as JSON and counts it, and does nothing else."""

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/batches")
async def count(request: Request) -> dict[str, int]:
    return {"count": len((await request.json())["items"])}
