#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The batch on engines that exist: what docs/ci ships, run by the real tools or held to their schemas.

usage: tests/cli/engines.py LKCCB   (as root: sshd and Slurm on this machine)
"""
import glob
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import jsonschema
import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import deb, kernel  # noqa: E402
from patience import HANGS, until  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CI = f"{ROOT}/docs/ci"
COUNT = 5


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(number):
    try:
        socket.create_connection(("127.0.0.1", number), 1).close()
        return True
    except OSError:
        return False


class Case(unittest.TestCase):
    """Packages, and the database that one process makes of them."""

    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.root = cls.keep.name
        os.chmod(cls.root, 0o755)
        cls.mirror = f"{cls.root}/mirror"
        os.mkdir(cls.mirror)
        for n in range(COUNT):
            vmlinux = kernel(f"{cls.root}/vmlinux", f"9.8.{n}-test", f"abcdef{n:02}")
            with open(vmlinux, "rb") as file, open(
                    f"{cls.mirror}/linux-image-9.8.{n}-test-dbg_1_amd64.deb", "wb") as out:
                out.write(deb(file.read()))
        cls.expected = f"{cls.root}/expected.db"
        subprocess.run([LKCCB, "add", "--db", cls.expected, "--all-units", cls.mirror], check=True,
                       stdout=subprocess.DEVNULL)
        os.symlink(LKCCB, f"{cls.root}/lkccb")
        cls.environment = {**os.environ, "PATH": f"{cls.root}:{os.environ['PATH']}", "HOME": cls.root}
        cls.prepare()

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def same(self, db):
        digests = []
        for path in (db, self.expected):
            with open(path, "rb") as file:
                digests.append(hashlib.sha256(file.read()).hexdigest())
        self.assertEqual(*digests)


class Parallel(Case):
    @classmethod
    def prepare(cls):
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{cls.root}/{name}"],
                           check=True)
        cls.port = port()
        os.makedirs("/run/sshd", exist_ok=True)
        with open(f"{cls.root}/sshd_config", "w", encoding="ascii") as file:
            file.write(f"Port {cls.port}\nListenAddress 127.0.0.1\nListenAddress 127.0.0.2\nHostKey {cls.root}/host\n"
                       f"AuthorizedKeysFile {cls.root}/user.pub\nStrictModes no\nUsePAM no\n"
                       f"PermitRootLogin yes\nPidFile {cls.root}/sshd.pid\n"
                       f"SetEnv PATH={cls.environment['PATH']}\n")
        cls.sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", f"{cls.root}/sshd_config"],
                                    stderr=subprocess.DEVNULL)
        until(lambda: listens(cls.port))

    @classmethod
    def tearDownClass(cls):
        cls.sshd.terminate()
        cls.sshd.wait()
        super().tearDownClass()

    def test_several_ssh_logins(self):
        with tempfile.TemporaryDirectory() as work:
            ssh = (f"ssh -p {self.port} -i {self.root}/user -F none -o StrictHostKeyChecking=no "
                   "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR")
            done = subprocess.run(
                [f"{CI}/parallel.sh", f"{work}/x.db", self.mirror, "3", "2/root@127.0.0.1,2/root@127.0.0.2"],
                cwd=work, env={**self.environment, "PARALLEL_SSH": ssh}, capture_output=True, text=True,
                check=False, timeout=HANGS)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.same(f"{work}/x.db")
            self.assertEqual(os.listdir(work), ["x.db"])


class Slurm(Case):
    @classmethod
    def prepare(cls):
        host = socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            os.mkdir(f"{cls.root}/{name}")
        conf = f"{cls.root}/slurm.conf"
        with open(conf, "w", encoding="ascii") as file:
            file.write(f"ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={port()}\n"
                       f"SlurmdPort={port()}\nAuthType=auth/none\nCredType=cred/none\nSlurmUser=root\n"
                       f"StateSaveLocation={cls.root}/state\nSlurmdSpoolDir={cls.root}/spool\n"
                       f"SlurmctldPidFile={cls.root}/ctld.pid\nSlurmdPidFile={cls.root}/d.pid\n"
                       "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\n"
                       "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nReturnToService=2\n"
                       "SchedulerParameters=sched_interval=1\nMaxArraySize=100\n"
                       f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=4000\n"
                       f"PartitionName=all Nodes={host} Default=YES State=UP\n")
        cls.environment["SLURM_CONF"] = conf
        cls.daemons = [subprocess.Popen([f"/usr/sbin/{name}", "-D", "-f", conf],
                                        stdout=open(f"{cls.root}/{name}.log", "wb"),
                                        stderr=subprocess.STDOUT)
                       for name in ("slurmctld", "slurmd")]

    @classmethod
    def tearDownClass(cls):
        for daemon in cls.daemons:
            daemon.terminate()
            daemon.wait()
        super().tearDownClass()

    def test_an_array(self):
        shards = f"{self.root}/shards"
        os.mkdir(shards)
        submit = ["sbatch", "--wait", "--array=1-3", "--mem=0", "--output", f"{self.root}/%a.log",
                  f"--export=ALL,PACKAGES={self.mirror},OUTPUT={shards}", f"{CI}/slurm.sh"]
        tries = []

        def submitted():  # once the controller answers
            tries.append(subprocess.run(submit, env=self.environment, capture_output=True, text=True,
                                        check=False, timeout=HANGS))
            return "Unable to contact" not in tries[-1].stderr

        until(submitted, 0.5)
        done = tries[-1]
        logs = "".join(open(path, encoding="utf-8").read() for path in glob.glob(f"{self.root}/*.log"))
        self.assertEqual(done.returncode, 0, done.stderr + logs[-3000:])
        parts = sorted(glob.glob(f"{shards}/*.db"))
        self.assertEqual(len(parts), 3)
        merged = f"{self.root}/merged.db"
        subprocess.run([LKCCB, "merge", "--db", merged, *parts], check=True, stdout=subprocess.DEVNULL)
        self.same(merged)


class Files(unittest.TestCase):
    """The fields that Kubernetes 1.30's batch/v1 Job and GitLab CI's job have, as far as we use them."""

    @staticmethod
    def strict(properties, required=()):
        return {"type": "object", "properties": properties, "required": list(required),
                "additionalProperties": False}

    def read(self, name):
        with open(f"{CI}/{name}", encoding="utf-8") as file:
            return yaml.safe_load(file)

    def test_kubernetes(self):
        text, whole = {"type": "string"}, {"type": "integer", "minimum": 0}
        strings = {"type": "array", "items": text}
        quantities = {"type": "object", "additionalProperties": text}
        container = self.strict({
            "name": text, "image": text, "command": strings, "args": strings,
            "resources": self.strict({"requests": quantities, "limits": quantities}),
            "securityContext": self.strict({"allowPrivilegeEscalation": {"type": "boolean"},
                                            "readOnlyRootFilesystem": {"type": "boolean"}}),
            "volumeMounts": {"type": "array", "items": self.strict(
                {"name": text, "mountPath": text, "readOnly": {"type": "boolean"}}, ["name", "mountPath"])}},
            ["name", "image"])
        volume = self.strict({"name": text, "emptyDir": {"type": "object"},
                              "persistentVolumeClaim": self.strict(
                                  {"claimName": text, "readOnly": {"type": "boolean"}}, ["claimName"])}, ["name"])
        pod = self.strict({"restartPolicy": {"enum": ["Never", "OnFailure"]},
                           "containers": {"type": "array", "minItems": 1, "items": container},
                           "volumes": {"type": "array", "items": volume}}, ["containers", "restartPolicy"])
        job = self.strict({
            "apiVersion": {"const": "batch/v1"}, "kind": {"const": "Job"},
            "metadata": self.strict({"name": {"type": "string", "pattern": "^[a-z0-9-]+$"}}, ["name"]),
            "spec": self.strict({"completionMode": {"const": "Indexed"}, "completions": whole,
                                 "parallelism": whole, "backoffLimit": whole,
                                 "template": self.strict({"spec": pod}, ["spec"])},
                                ["completionMode", "completions", "template"])},
            ["apiVersion", "kind", "metadata", "spec"])
        document = self.read("kubernetes-job.yaml")
        jsonschema.validate(document, job)
        spec = document["spec"]
        (main,) = spec["template"]["spec"]["containers"]
        self.assertIn(f"--shard auto/{spec['completions']} ", main["args"][0])
        self.assertEqual({mount["name"] for mount in main["volumeMounts"]},
                         {entry["name"] for entry in spec["template"]["spec"]["volumes"]})
        self.runs(main["args"][0].split("exec ")[1])

    def test_gitlab(self):
        text = {"type": "string"}
        strings = {"type": "array", "items": text, "minItems": 1}
        job = self.strict({"stage": text, "image": text, "script": strings, "needs": strings, "before_script": strings,
                           "parallel": {"type": "integer", "minimum": 2, "maximum": 200},
                           "artifacts": self.strict({"paths": strings, "expire_in": text}, ["paths"])},
                          ["stage", "script"])
        document = self.read("gitlab-ci.yml")
        jsonschema.validate(document, {"type": "object", "properties": {"stages": strings},
                                       "required": ["stages"], "additionalProperties": job})
        for name, entry in document.items():
            if name != "stages":
                self.assertIn(entry["stage"], document["stages"])
                for line in entry["script"]:
                    self.runs(line)

    def runs(self, line):
        """The commands are ours, with options that there are."""
        words = line.replace("exec ", "").split()
        self.assertEqual(words[0], "lkccb")
        said = subprocess.run([LKCCB, "--help"], capture_output=True, text=True, check=True).stdout
        for word in words[1:]:
            if word.startswith("--"):
                self.assertIn(word, said)


if __name__ == "__main__":
    for name, tools in (("Parallel", ("parallel", "sshd")), ("Slurm", ("slurmctld", "slurmd"))):
        lacking = [tool for tool in tools if not shutil.which(tool, path="/usr/sbin:/usr/bin")]
        if lacking or os.geteuid():
            skip = unittest.skip("needs root" if os.geteuid() else f"{lacking[0]} is not installed")
            globals()[name] = skip(globals()[name])
    tap.main()
