#!/usr/bin/env python3
"""Writes npm-v1.json, npm-v2.json and npm-v3.json with the installed npm.

Packages are packed here and served on loopback; the hosts that npm writes become *.example ones,
since ports differ from run to run.  Nothing of the packages is run.
"""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = [  # manifest, further files
    ({"name": "plain", "version": "1.0.0"}, {}),
    ({"name": "plain", "version": "2.0.0"}, {}),
    ({"name": "@scope/lib", "version": "1.2.3", "dependencies": {"plain": "^1.0.0"}}, {}),
    ({"name": "hooked", "version": "0.1.0", "scripts": {"postinstall": "exit 0"}}, {}),
    ({"name": "gyped", "version": "0.2.0"}, {"binding.gyp": "{}"}),
    ({"name": "inner", "version": "3.0.0"}, {}),
    ({"name": "bundler", "version": "1.0.0", "dependencies": {"inner": "3.0.0"},
      "bundleDependencies": ["inner"]},
     {"node_modules/inner/package.json": '{"name": "inner", "version": "3.0.0"}'}),
    ({"name": "for-tests", "version": "1.0.0"}, {}),
    ({"name": "maybe", "version": "1.0.0-rc.1"}, {}),
    ({"name": "remote", "version": "4.0.0"}, {}),
    ({"name": "local-archive", "version": "5.0.0"}, {}),
]
ROOT = {
    "name": "root", "version": "1.0.0", "workspaces": ["packages/*"],
    "dependencies": {
        "plain": "2.0.0", "@scope/lib": "^1.2.0", "hooked": "0.1.0", "gyped": "0.2.0",
        "bundler": "1.0.0", "other-name": "npm:plain@1.0.0", "remote": "REGISTRY/archives/r.tgz",
        "local-archive": "file:archives/local-archive-5.0.0.tgz", "local-folder": "file:folder",
        "from-git": "git+file://REPOSITORY"},
    "devDependencies": {"for-tests": "1.0.0"},
    "optionalDependencies": {"maybe": "1.0.0-rc.1", "nowhere": "1.0.0"},
}


def write(folder, manifest, files):
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest))
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def npm(scratch, folder, *arguments):
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch / "home"),
                   "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["npm", *arguments], cwd=folder, env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pack(scratch, manifest, files):
    folder = scratch / "sources" / re.sub(r"\W", "_", manifest["name"] + manifest["version"])
    write(folder, manifest, files)
    npm(scratch, folder, "pack", "--ignore-scripts")
    return next(folder.glob("*.tgz")).read_bytes()


def serve(archives):
    """A registry on loopback: packuments, and archives under /name/-/file."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            path = urllib.parse.unquote(self.path)
            registry = f"http://127.0.0.1:{self.server.server_port}"
            versions = {}
            for (name, version), (manifest, data) in archives.items():
                file = f"/{name}/-/{name.split('/')[-1]}-{version}.tgz"
                if path == file or (path == "/archives/r.tgz" and name == "remote"):
                    return self.answer(data, "application/octet-stream")
                if path == "/" + name:
                    digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
                    dist = {"tarball": registry + file, "integrity": "sha512-" + digest}
                    scripts = manifest.get("scripts")
                    versions[version] = {**manifest, "dist": dist, "hasInstallScript": bool(scripts)}
                    if name == "gyped":
                        versions[version]["gypfile"] = True
                        versions[version]["scripts"] = {"install": "node-gyp rebuild"}
            if not versions:
                return self.send_error(404)
            body = {"name": path[1:], "versions": versions,
                    "dist-tags": {"latest": sorted(versions)[-1]}}
            return self.answer(json.dumps(body).encode(), "application/json")

        def answer(self, data, kind):
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def repository(folder):
    write(folder, {"name": "from-git", "version": "6.0.0"}, {})
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run(["git", *command], cwd=folder, check=True, env={
            "PATH": os.environ["PATH"], "HOME": str(folder),
            **{f"GIT_{who}_{what}": "2020-01-01T00:00:00Z" if what == "DATE" else "a@a.example"
               for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")}})


def main():
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        archives = {(m["name"], m["version"]): (m, pack(scratch, m, f)) for m, f in PACKAGES}
        server = serve(archives)
        registry = f"http://127.0.0.1:{server.server_port}"
        repository(scratch / "from-git")
        for version in "123":
            root = scratch / ("root" + version)
            text = json.dumps(ROOT).replace("REGISTRY", registry)
            manifest = json.loads(text.replace("REPOSITORY", str(scratch / "from-git")))
            write(root, manifest, {})
            write(root / "folder", {"name": "local-folder", "version": "7.0.0"}, {})
            write(root / "packages" / "member", {"name": "member", "version": "8.0.0",
                                                 "dependencies": {"plain": "1.0.0"}}, {})
            (root / "archives").mkdir()
            (root / "archives" / "local-archive-5.0.0.tgz").write_bytes(
                archives["local-archive", "5.0.0"][1])
            npm(scratch, root, "install", "--ignore-scripts", "--package-lock-only", "--no-audit",
                "--registry", registry, "--lockfile-version", version)
            lock = (root / "package-lock.json").read_text()
            lock = lock.replace(registry + "/archives", "https://archives.example")
            lock = lock.replace(registry, "https://registry.example")
            lock = re.sub(r"git\+file://[^#\"]*from-git", "git+ssh://git@git.example/o/from-git.git",
                          lock)
            lock = re.sub(r"http://127\.0\.0\.1:\d+", "https://registry.example", lock)
            (HERE / f"npm-v{version}.json").write_text(lock)
        server.shutdown()


if __name__ == "__main__":
    main()
