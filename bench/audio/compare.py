"""Runs both on the same files, turn by turn, and prints ratios and CPU seconds: medians and the spread of the turns.

Cold is the whole of a new process, its start and its imports included, as where each file gets a process; warm is the median of
the second and third file of one process. A ratio is taken within a turn, so that a machine that slows down slows both.
"""
import json
import pathlib
import resource
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
TURNS = 5


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


def spread(values: list[float], unit: str = "") -> str:
    return f"{statistics.median(values):.2f}{unit} ({min(values):.2f}–{max(values):.2f})"


def turn(ours: list[str], chain: list[str], file: str) -> dict[str, tuple[float, float]]:
    """What a pass costs the chain and us, cold and warm."""
    return {
        "cold": (run([*chain, file])[0], run([*ours, file])[0]),
        "warm": (
            statistics.median(run([*chain, file, file, file])[1][1:]),
            statistics.median(run([*ours, "--repeat", "3", file])[1][1:]),
        ),
    }


def main() -> None:
    folder, ours = pathlib.Path(sys.argv[1]), [sys.argv[2]]
    chain = [sys.executable, str(HERE / "chain.py")]
    # What only the first process on a machine pays, such as writing Python's bytecode, is nobody's cost.
    run([*chain, str(folder / "clean.wav")])
    for name in ("noisy", "clean"):
        file = str(folder / f"{name}.wav")
        denoised = json.loads(subprocess.run([*ours, file], check=True, capture_output=True, text=True).stdout)["denoised"]
        turns = [turn(ours, chain, file) for _ in range(TURNS)]
        for kind in ("cold", "warm"):
            pairs = [t[kind] for t in turns]
            ratio = spread([theirs / our for theirs, our in pairs])
            said = f"ours {spread([our for _, our in pairs], ' s')}   chain {spread([theirs for theirs, _ in pairs], ' s')}"
            print(f"{name:<6} {kind}  chain / ours = {ratio}   {said}", flush=True)
        print(f"{name:<6} ours {'denoised it' if denoised else 'measured it and left its noise alone'}; the chain always gates", flush=True)
    print(f"CPU seconds for 60 s of speech; median (least–most) of {TURNS} turns; wall clock is not measured")


main()
