"""Runs the real programs as people run them, and shows on the terminal what they say, as they say it."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from claims import Broken, hold

SECONDS = 60  # for one command; none takes more than a few
_screen = threading.Lock()


def show(line: str = "", prefix: str = ""):
    with _screen:
        print(prefix + line.rstrip("\n"), flush=True)


def heading(text: str):
    show()
    show(f"== {text}")


class Running:
    """A process whose lines are kept, and shown with a prefix unless it is quiet."""

    def __init__(self, arguments: list[str], folder: Path, environment: dict[str, str], prefix: str | None,
                 limit: int | None = None):
        self.process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        self.out: list[str] = []
        self.err: list[str] = []
        self.arrived = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=(stream, lines, prefix, limit), daemon=True)
                        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, lines: list[str], prefix: str | None, limit: int | None):
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            if prefix is not None and (limit is None or len(lines) < limit):
                show(line, prefix)
            with self.arrived:
                lines.append(line)
                self.arrived.notify_all()
        if prefix is not None and limit is not None and len(lines) > limit:
            show(f"… and {len(lines) - limit} more lines", prefix)

    def wait_for(self, text: str, seconds: float = 15):
        """Until a line holds `text`."""
        def is_there() -> bool:
            return any(text in line for line in self.out + self.err)
        with self.arrived:
            hold(self.arrived.wait_for(is_there, timeout=seconds), f"\"{text}\" was not said within {seconds} s",
                 *self.out[-5:], *self.err[-5:])

    def finish(self, seconds: float = SECONDS) -> int:
        try:
            status = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Broken(f"a command did not end within {seconds} s: {self.process.args[0]}") from None
        for reader in self.readers:
            reader.join(timeout=5)
        return status

    def stop(self, seconds: float = 25) -> int:
        """Asks for the end, as an operator does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.finish(seconds)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class World:
    """The demo's folder, its programs and every process that it started."""

    def __init__(self, folder: Path, programs: Path):
        self.folder, self.programs = folder, programs
        self.started: list[Running] = []
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LANG": "C.UTF-8", "NO_COLOR": "1"}

    def start(self, program: str, *words: str, prefix: str | None = None, limit: int | None = None) -> Running:
        running = Running([str(self.programs / program), *words], self.folder, self.environment, prefix, limit)
        self.started.append(running)
        return running

    def end(self):
        for running in reversed(self.started):
            running.kill()


class Relay:
    """The relay of the demo, on a port of its own that nothing else used a moment ago."""

    def __init__(self, world: World):
        self.world = world
        self.data = world.folder / "relay"

    def begin(self):
        self.port, self.operations = free_port(), free_port()
        self.name = f"localhost:{self.port}"
        self.init = ["init", "--data", "relay", "--name", self.name, "--dev-tls"]
        show(shlex.join(["nightbell-relay", *self.init]), "operator$ ")
        made = self.world.start("nightbell-relay", *self.init, prefix="    ")
        hold(made.finish() == 0, "the relay's data directory can be made", *made.err)
        # The most talkative level: what is looked for later must not be even there.
        self.serve = ["serve", "--data", "relay", "--listen", f"127.0.0.1:{self.port}", "--operations-listen",
                      f"127.0.0.1:{self.operations}", "--log-level", "trace"]
        show(shlex.join(["nightbell-relay", *self.serve]) + " &", "operator$ ")
        self.running = self.world.start("nightbell-relay", *self.serve)
        deadline = time.monotonic() + 15
        while self.ask("/ready")[0] != 200:
            hold(self.running.process.poll() is None and time.monotonic() < deadline, "the relay serves",
                 *self.running.err[-5:])
            time.sleep(0.05)
        show(f"ready on 127.0.0.1:{self.port} (TLS)", "    ")

    def resume(self) -> int:
        """Serves again what is there, as a process that outlives this one; gives its id."""
        words = [word if word != "trace" else "info" for word in self.serve]
        with open(self.world.folder / "relay.log", "ab") as log:
            process = subprocess.Popen(
                [str(self.world.programs / "nightbell-relay"), *words], cwd=self.world.folder,
                env=self.world.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 15
        while self.ask("/ready")[0] != 200:
            hold(process.poll() is None and time.monotonic() < deadline, "the relay serves again")
            time.sleep(0.05)
        return process.pid

    def ask(self, path: str) -> tuple[int, str]:
        """Health, readiness and metrics, on their own address."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.operations}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except OSError as error:
            return getattr(error, "code", 0), ""

    def check(self) -> dict:
        """The relay recomputes its logs."""
        checked = self.world.start("nightbell-relay", "check", "--data", "relay", "--json")
        hold(checked.finish() == 0, "nightbell-relay check finds nothing wrong", *checked.out, *checked.err)
        return json.loads("\n".join(checked.out))

    def log(self) -> str:
        return "\n".join(self.running.out + self.running.err)


class Device:
    """One device: a profile of its own, and what unlocks it."""

    def __init__(self, world: World, name: str, label: str, unlock: list[str]):
        self.world, self.name, self.label, self.unlock = world, name, label, unlock
        self.profile = world.folder / name
        self.options = ["--profile", name, *unlock]
        self.device = self.member = ""

    def copy(self, name: str) -> "Device":
        """The same device with another folder: what a thief copies."""
        shutil.copytree(self.profile, self.world.folder / name)
        return Device(self.world, name, self.label, self.unlock)

    def shown(self, words: list[str]) -> str:
        secret = ["INVITATION" if word.startswith("nightbell:") else word for word in words]
        return shlex.join(["nightbell", *secret])

    def start(self, *words: str, prefix: str | None = None) -> Running:
        """A command that stays."""
        show(self.shown(list(words)) + " &", f"{self.name}$ ")
        return self.world.start("nightbell", *self.options, *words, prefix=prefix)

    def run(self, *words: str, status: int = 0, shown: bool = True, limit: int | None = None) -> Running:
        """A command for people: what it says is shown, of a long text the first `limit` lines."""
        if shown:
            show(self.shown(list(words)), f"{self.name}$ ")
        running = self.world.start("nightbell", *self.options, *words, prefix="    " if shown else None, limit=limit)
        ended = running.finish()
        hold(ended == status, f"{self.name}: \"{self.shown(list(words))}\" ends with {status}, not {ended}",
             *running.out[-10:], *running.err[-10:])
        return running

    def ask(self, *words: str) -> dict:
        """A command for scripts: one JSON object."""
        text = "\n".join(self.run(*words, "--json", shown=False).out)
        try:
            return json.loads(text)
        except ValueError:
            raise Broken(f"{self.name}: \"{self.shown(list(words))}\" prints one JSON object\n{text}") from None

    def refused(self, *words: str) -> dict:
        """A command that must be refused; gives the error."""
        show(self.shown(list(words)), f"{self.name}$ ")
        running = self.run(*words, "--json", status=77, shown=False)
        error = json.loads(running.err[-1])["error"]
        show(f"error: {error['message']}", "    ")
        return error
