"""Runs both on the same files, turn by turn, and prints CPU seconds and ratios: medians and the spread of 5 runs."""
import json
import pathlib
import resource
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
RUNS = 5


def seconds(said: str) -> list[float]:
    """What either program says of its passes: a line of JSON with milliseconds, or a line of seconds each."""
    if said.startswith("{"):
        return [ms / 1000 for ms in json.loads(said)["cpu_ms"]]
    return [float(line) for line in said.splitlines()]


def run(command: list[str]) -> tuple[float, list[float]]:
    """CPU seconds of the whole process, and of each pass."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, seconds(said)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):7.3f} s ({min(values):.3f}–{max(values):.3f})"


def main() -> None:
    folder, ours = pathlib.Path(sys.argv[1]), sys.argv[2]
    for name in ("noisy", "clean"):
        file = str(folder / f"{name}.wav")
        cold, warm = {"ours": [], "chain": []}, {"ours": [], "chain": []}
        for _ in range(RUNS):
            chain = [sys.executable, str(HERE / "chain.py")]
            cold["ours"].append(run([ours, file])[0])
            cold["chain"].append(run([*chain, file])[0])
            warm["ours"].append(statistics.median(run([ours, "--repeat", "3", file])[1][1:]))
            warm["chain"].append(statistics.median(run([*chain, file, file, file])[1][1:]))
        for kind, times in (("warm", warm), ("cold", cold)):
            ratio = statistics.median(times["chain"]) / statistics.median(times["ours"])
            print(f"{name:<6} {kind}  chain / ours = {ratio:6.1f}   ours {spread(times['ours'])}   chain {spread(times['chain'])}")


main()
