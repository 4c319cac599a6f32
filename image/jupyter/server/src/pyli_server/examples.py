"""A folder of examples in everybody's file browser: the same in all servers, to read and to run, and nobody's to change."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from jupyter_server.base.handlers import AuthenticatedFileHandler
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado import web
from traitlets import Unicode

NAME = "Examples"
READ_ONLY = "The examples are to read and to run. To change one, make it your own: File › Save Notebook As…"

Model = dict[str, Any]


class ExampleFilesHandler(AuthenticatedFileHandler):
    """Downloads, which go past the contents manager to the disk."""

    def get(self, path: str, **options: Any) -> Any:
        inner = self.contents_manager.inner(path)
        if inner is not None:
            self.root, path = self.contents_manager.examples_dir, inner
        return super().get(path, **options)


class ContentsWithExamples(AsyncLargeFileManager):
    """`ServerApp.contents_manager_class`. The examples are in no volume, so no server writes them there and no user can lose them.

    Who has a folder of that name keeps it, and sees no examples.
    """

    examples_dir = Unicode(config=True, help="The folder that is shown as `Examples`; empty: none is.")
    files_handler_class = ExampleFilesHandler

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._examples = AsyncLargeFileManager(parent=self.parent, log=self.log, root_dir=self.examples_dir or self.root_dir)

    def inner(self, path: str) -> str | None:
        """Where it is within the examples; None if it is none of them."""
        first, _, rest = path.strip("/").partition("/")
        is_theirs = not self.examples_dir or os.path.lexists(os.path.join(self.root_dir, NAME))
        return None if first != NAME or is_theirs else rest

    async def get(
        self, path: str, content: bool = True, type: str | None = None, format: str | None = None, require_hash: bool = False
    ) -> Model:
        inner = self.inner(path)
        if inner is not None:
            return self._shown(await self._examples.get(inner, content, type, format, require_hash))
        model = await super().get(path, content, type, format, require_hash)
        if content and path.strip("/") == "" and self.inner(NAME) is not None:
            model["content"].append(await self.get(NAME, content=False))
        return model

    def _shown(self, model: Model) -> Model:
        inner = model["path"].strip("/")
        content = model["content"]
        if model["type"] == "directory" and content is not None:
            content = [self._shown(each) for each in content]
        return {
            **model,
            "name": model["name"] or NAME,
            "path": f"{NAME}/{inner}" if inner else NAME,
            "content": content,
            "writable": False,
        }

    async def dir_exists(self, path: str) -> bool:
        inner = self.inner(path)
        return await (super().dir_exists(path) if inner is None else self._examples.dir_exists(inner))

    async def file_exists(self, path: str) -> bool:
        inner = self.inner(path)
        return await (super().file_exists(path) if inner is None else self._examples.file_exists(inner))

    async def is_hidden(self, path: str) -> bool:
        inner = self.inner(path)
        return await (super().is_hidden(path) if inner is None else self._examples.is_hidden(inner))

    async def get_kernel_path(self, path: str, model: Model | None = None) -> str:
        """Where its kernel begins: one may write there, and among the examples one may not."""
        return await super().get_kernel_path(path, model) if self.inner(path) is None else ""

    async def copy(self, from_path: str, to_path: str | None = None) -> Model:
        """A copy of an example is the user's own, beside the folder of examples where no other place is named."""
        if self.inner(from_path) is None:
            return await super().copy(from_path, to_path)
        if await self.dir_exists(from_path):
            raise web.HTTPError(403, "The examples are copied one by one.")
        return await super().copy(from_path, "" if to_path is None or self.inner(to_path) is not None else to_path)

    async def list_checkpoints(self, path: str) -> list[Model]:
        return await super().list_checkpoints(path) if self.inner(path) is None else []

    async def save(self, model: Model, path: str = "") -> Model:
        self._refuse(path)
        return await super().save(model, path)

    async def delete_file(self, path: str) -> None:
        self._refuse(path)
        await super().delete_file(path)

    async def rename_file(self, old_path: str, new_path: str) -> None:
        self._refuse(old_path, new_path)
        await super().rename_file(old_path, new_path)

    async def create_checkpoint(self, path: str) -> Model:
        self._refuse(path)
        return await super().create_checkpoint(path)

    async def restore_checkpoint(self, checkpoint_id: str, path: str) -> None:
        self._refuse(path)
        await super().restore_checkpoint(checkpoint_id, path)

    async def delete_checkpoint(self, checkpoint_id: str, path: str) -> None:
        self._refuse(path)
        await super().delete_checkpoint(checkpoint_id, path)

    def _refuse(self, *paths: str) -> NoReturn | None:
        if any(self.inner(path) is not None for path in paths):
            raise web.HTTPError(403, READ_ONLY)
        return None
