"""Packages as values: files of npm, PyPI and crates.io, and what their registries say of them.

Made with the package managers' own tools where these are installed and need no network.
"""
import base64
import gzip
import hashlib
import io
import json
import pathlib
import shutil
import zipfile
from typing import Dict, List, Optional

import images
from images import rogue
from peers import Pages

MINER = "kworkerds"


def sri(data: bytes, algorithm: str = "sha512") -> str:
    return f"{algorithm}-" + base64.b64encode(hashlib.new(algorithm, data).digest()).decode()


def hexdigest(data: bytes, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, data).hexdigest()


def tgz(files: Dict[str, bytes]) -> bytes:
    return gzip.compress(images.tar([rogue.File(name, data) for name, data in files.items()]),
                         mtime=0)


def zipped(files: Dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def npm_tarball(world: object, name: str, version: str, miner: bool = False) -> bytes:
    """By `npm pack`, or by hand where there is no npm."""
    manifest = json.dumps({"name": name, "version": version, "main": "index.js"}).encode()
    files = {"package.json": manifest, "index.js": b"module.exports = (s) => s.trim();\n"}
    if miner:
        files[f"lib/{MINER}"] = rogue.fake_miner()
    if not shutil.which("npm"):
        return tgz({f"package/{path}": data for path, data in files.items()})
    folder = world.folder("npm")
    images.write_files(folder / "package", files)
    world.tool("npm", "pack", "--ignore-scripts", "--offline", "--pack-destination", folder,
               cwd=folder / "package",
               environment={"npm_config_cache": str(folder / "cache"),
                            "npm_config_update_notifier": "false"})
    return next(folder.glob("*.tgz")).read_bytes()


class NpmPages:
    """Fills a server with packages as an npm registry shows them."""

    def __init__(self, server: Pages, prefix: str = "") -> None:
        self.server, self.prefix = server, prefix
        self.documents: Dict[str, dict] = {}

    def add(self, name: str, version: str, tarball: bytes, dist: Optional[dict] = None,
            tags: Optional[List[str]] = None, files: Optional[Pages] = None) -> str:
        """`dist` replaces what the registry says of the tarball; `files` serves it elsewhere.
        Returns the tarball's path."""
        path = f"{self.prefix}/{name}/-/{name.split('/')[-1]}-{version}.tgz"
        host = files or self.server
        host.pages[path] = tarball
        known = {"integrity": sri(tarball), "shasum": hexdigest(tarball, "sha1")}
        document = self.documents.setdefault(name, {"name": name, "dist-tags": {}, "versions": {}})
        for tag in tags or ["latest"]:
            document["dist-tags"][tag] = version
        document["versions"][version] = {
            "name": name, "version": version,
            "dist": {"tarball": host.url + path, **(known if dist is None else dist)}}
        self.publish(name)
        return path

    def publish(self, name: str) -> None:
        self.server.pages[f"{self.prefix}/{name.replace('/', '%2f')}"] = json.dumps(
            self.documents[name]).encode()


def wheel(name: str, version: str, files: Dict[str, bytes]) -> bytes:
    info = f"{name}-{version}.dist-info"
    return zipped({**files, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\n"
                                                f"Version: {version}\n".encode(),
                   f"{info}/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
                   f"{info}/RECORD": b""})


def sdist(name: str, version: str, files: Dict[str, bytes]) -> bytes:
    top = f"{name}-{version}"
    return tgz({f"{top}/PKG-INFO": f"Name: {name}\nVersion: {version}\n".encode(),
                f"{top}/setup.py": b"from setuptools import setup\nsetup()\n",
                **{f"{top}/{path}": data for path, data in files.items()}})


def crate(name: str, version: str, files: Dict[str, bytes]) -> bytes:
    top = f"{name}-{version}"
    manifest = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n'
    return tgz({f"{top}/Cargo.toml": manifest.encode(), f"{top}/src/lib.rs": b"pub fn f() {}\n",
                **{f"{top}/{path}": data for path, data in files.items()}})
