"""Packages as values: files of npm, Python and Cargo, and what their registries say of them.

Made with the package managers' own tools where these are installed and need no network.
"""
import base64
import contextlib
import gzip
import hashlib
import io
import json
import os
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


def crate(world: object, name: str, version: str, files: Dict[str, bytes]) -> bytes:
    """By `cargo package`, or by hand where that does not work."""
    manifest = (f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n'
                'license = "MIT"\ndescription = "test"\n[workspace]\n')
    content = {"Cargo.toml": manifest.encode(), "src/lib.rs": b"pub fn f() {}\n", **files}
    if shutil.which("cargo"):
        folder = world.folder("crate")
        images.write_files(folder / name, content)
        rustup = pathlib.Path(os.environ.get("RUSTUP_HOME", pathlib.Path.home() / ".rustup"))
        with contextlib.suppress(RuntimeError):
            world.tool("cargo", "package", "--no-verify", "--allow-dirty", "--offline",
                       "--target-dir", folder / "target", cwd=folder / name,
                       environment={"CARGO_HOME": str(folder / "home"), "RUSTUP_HOME": str(rustup)})
            return (folder / "target/package" / f"{name}-{version}.crate").read_bytes()
    return tgz({f"{name}-{version}/{path}": data for path, data in content.items()})


class CratePages:
    """Fills a server with a sparse index of crates and with the crates."""

    def __init__(self, server: Pages, files: Optional[Pages] = None) -> None:
        self.server, self.files = server, files or server
        server.pages["/index/config.json"] = json.dumps({"dl": f"{self.files.url}/dl"}).encode()

    def add(self, name: str, version: str, data: bytes, **changes: object) -> None:
        self.files.pages[f"/dl/{name}/{version}/download"] = data
        path = f"/index/{name[:2]}/{name[2:4]}/{name}"
        line = {"name": name, "vers": version, "deps": [], "cksum": hexdigest(data),
                "features": {}, "yanked": False, **changes}
        self.server.pages[path] = (self.server.pages.get(path, b"") + json.dumps(line).encode() +
                                   b"\n")


class PypiPages:
    """Fills a server with a simple index, in JSON or HTML, and with the files."""

    def __init__(self, server: Pages, html: bool = False, files: Optional[Pages] = None) -> None:
        self.server, self.html, self.files = server, html, files
        self.listed: Dict[str, List[dict]] = {}

    def add(self, name: str, file: str, data: bytes, sha256: Optional[str] = None,
            yanked: object = False) -> None:
        """Relative URLs, or absolute ones when the files are on another server."""
        (self.files or self.server).pages[f"/files/{file}"] = data
        url = f"{self.files.url}/files/{file}" if self.files else f"../../files/{file}"
        self.listed.setdefault(name, []).append(
            {"filename": file, "url": url, "hashes": {"sha256": sha256 or hexdigest(data)},
             "yanked": yanked})
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": name,
                           "files": self.listed[name]}).encode()
        kind = "application/vnd.pypi.simple.v1+json"
        if self.html:
            kind = "text/html"
            body = "<!DOCTYPE html><html><body>" + "".join(
                f'<a href="{f["url"]}#sha256={f["hashes"]["sha256"]}"'
                f'{" data-yanked" if f["yanked"] else ""}>{f["filename"]}</a><br>'
                for f in self.listed[name]) + "</body></html>"
            body = body.encode()
        self.server.pages[f"/simple/{name}/"] = (200, {"Content-Type": kind}, body)
