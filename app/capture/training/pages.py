"""What practice and training need on a phone: the scene, and a list for people who have no clinic yet."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from app.capture.training.scene import scene
from app.clinics.tasklist import default_list

router = APIRouter(include_in_schema=False)


@router.get("/pad/scene")
def training_scene() -> Response:
    """For everybody, like the pad's other files: the service worker keeps it. `names`: of codes a list may lack."""
    standard = default_list()
    named = {part.code: part.label for part in (*standard.triggers, *standard.tasks)}
    pad = {"clinic": "", "task_list": standard.code, "version": 0, **standard.model_dump(mode="json"), "subjects": []}
    return JSONResponse({**scene(), "names": named, "pad": pad}, headers={"Cache-Control": "no-cache"})
