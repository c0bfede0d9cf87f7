"""Starts a server with emulated vendors, fills it with people, a stall and a deal, and lets the tools at it."""

import concurrent.futures
import http.cookiejar
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

HTTP, HTTPS, GATEWAY, CARDS = (f"127.0.0.1:{port}" for port in (18480, 18443, 18490, 18492))
API = f"http://{HTTP}/api/v1"
PASSWORD = "mango-lemon-tamarind"
TEAM = {"admin": "admin", "member": "member", "viewer": "viewer"}
OPERATORS = {"support": "support", "finance": "finance", "moderator": "moderator", "op-admin": "admin"}
CALLERS = ["nobody", "buyer", "owner", *TEAM, "stranger", *OPERATORS]
# Who signs in.
ACCOUNTS = CALLERS[2:]
# What ends a caller's session or puts another in its place, or takes them out of their business: each is asked last, by a session of its own.
PARTING = [
    ("path", "/sessions/current"), ("path", "/sessions/current/business"), ("operation-id", "create_account"),
    ("operation-id", "open_business"), ("path", "/team/leave"), ("path", "/me/sessions"), ("path", "/me/password"),
]
# So many of them have their session before anybody guesses passwords. Those from /team/leave on end the sessions of all after them.
SESSIONS = 5
# Long enough for what a tool does in its time; then the run has failed.
AT_MOST_S = 1_800


def phone_of(name):
    return f"98123456{CALLERS.index(name):02}"


class Browser:
    """A browser's cookies, and calls that must succeed."""

    def __init__(self, api=API):
        self.api = api
        self.jar = http.cookiejar.CookieJar()
        # The demo's certificate is its own.
        own = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
        # The same person elsewhere.
        self.others = []
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), own)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, {"content-type": "application/json"}, method=method)
        for _ in range(40):
            try:
                with self.opener.open(request) as answer:
                    return json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None
                time.sleep(int(error.headers.get("retry-after", 1)))
        raise RuntimeError(f"{method} {path}: always too many")

    def cookies(self):
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)


class Server:
    """A demo of its own, stopped at the end."""

    def __init__(self, program):
        # Under /var/tmp, where the unprivileged account of PostgreSQL reaches it.
        self.data = tempfile.TemporaryDirectory(prefix="vyapar-attack-", dir="/var/tmp")
        os.chmod(self.data.name, 0o755)
        self.dir = pathlib.Path(self.data.name) / "demo"
        self.program = program
        self.log = open(pathlib.Path(self.data.name) / "log", "wb")
        listen = ["--http", HTTP, "--https", HTTPS, "--gateway", GATEWAY, "--cards", CARDS]
        self.child = subprocess.Popen(
            [program, "demo", "--no-play", *listen, "--data-dir", self.dir], stdout=self.log, stderr=self.log
        )

    def __enter__(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://{HTTP}/readyz").close()
                return self
            except OSError:
                if self.child.poll() is not None:
                    raise RuntimeError("the server ended: " + self.said()) from None
                time.sleep(0.2)
        raise RuntimeError("the server is not ready")

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(30)
        self.data.cleanup()

    def said(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def make_operator(self, phone, role):
        command = [self.program, "operator", phone, "--role", role]
        subprocess.run(command, check=True, env={**os.environ, "VYAPAR_DATA_DIR": str(self.dir)}, stdout=subprocess.DEVNULL)


def people(server):
    """Everybody with a browser of their own; a stall, a talk with an offer in it and an order."""
    browsers = {name: Browser() for name in CALLERS}
    for name in ACCOUNTS:
        phone = phone_of(name)
        browsers[name].call("POST", "/accounts", {"phone": phone, "name": name, "password": PASSWORD, "language": "en"})
        if name in OPERATORS:
            server.make_operator(phone, OPERATORS[name])
    owner, buyer = browsers["owner"], browsers["buyer"]
    for name, role in TEAM.items():
        confirm(owner)
        link = owner.call("POST", "/team/invitations", {"role": role})
        browsers[name].call("POST", "/invitations/accept", {"token": link["token"]})
    owner.call("PUT", "/stall", {"name": "Stall", "language": "en"})
    each = {"amount": {"minor": 4000, "currency": "INR"}, "per": "1", "unit": "kg"}
    goods = {"client_id": str(uuid.uuid4()), "name": "Tomato", "language": "en", "lemma": "tomato", "price": each, "stock": "120"}
    product = owner.call("POST", "/products", goods)
    visit = buyer.call("POST", "/visits", {"token": owner.call("GET", "/stall/qr")["token"], "language": "en"})
    at = f"/visits/{visit['id']}"
    price = {"amount": {"minor": 7000, "currency": "INR"}, "per": "2", "unit": "kg"}
    offer = {"client_id": str(uuid.uuid4()), "product_id": product["id"], "price": price, "quantity": "2", "quantity_unit": "kg"}
    offer = buyer.call("POST", f"{at}/offers", offer)
    question = owner.call("POST", f"{at}/acceptances", {"client_id": str(uuid.uuid4()), "offer_id": offer["id"]})
    owner.call("POST", f"{at}/read-backs/{question['id']}/confirm", {"client_id": str(uuid.uuid4())})
    # In turns: an account is signed in a few times at once only.
    for name in ACCOUNTS * SESSIONS:
        browsers[name].others.append(sign_in(Browser(), name))
    return browsers


def sign_in(browser, name):
    browser.call("POST", "/sessions", {"phone": phone_of(name), "password": PASSWORD})
    return browser


def confirm(browser):
    browser.call("POST", "/me/confirmations", {"password": PASSWORD})


def schemathesis(bin_dir, name, browser, report):
    """The whole document as one caller: no fault of the server, nothing that the document does not say."""
    if name in ACCOUNTS:
        confirm(browser)
    parting = [part for kind, value in PARTING for part in (f"--exclude-{kind}", value)]
    good = ask(bin_dir, browser, report, *parting)
    if name in ACCOUNTS:
        # Whoever lost their session on the way was nobody for the rest.
        browser.call("GET", "/me/sessions")
    for kind, value in PARTING:
        other = browser
        if name in ACCOUNTS:
            other = browser.others.pop() if browser.others else sign_in(Browser(), name)
            other.call("GET", "/me/sessions")
        good &= ask(bin_dir, other, report, f"--include-{kind}", value, append=True)
    return good


def ask(bin_dir, browser, report, *selection, append=False):
    """Asks these operations with the browser's cookies."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
    cookies = ["--header", f"Cookie: {browser.cookies()}"] if browser.cookies() else []
    command = [
        bin_dir / "schemathesis", "run", f"{API}/openapi.json", "--url", API, "--checks", checks, "--phases", "examples,coverage,fuzzing",
        "--max-examples", "8", "--rate-limit", "1140/m", "--seed", "1", "--continue-on-failure", "--no-color", "--warnings", "off",
        "--suppress-health-check", "all", "--request-timeout", "20", "--generation-database", "none", *selection, *cookies,
    ]
    return run(command, report, append)


def sqlmap(bin_dir, _, browser, report):
    """Every value that the owner can send in a path, a query or a body."""
    confirm(browser)
    targets = [
        ("GET", "/orders?limit=5&before=1*"), ("GET", "/documents?limit=5&before=1*"), ("GET", "/goods?query=tom*&language=en*"),
        ("GET", "/audit?limit=5&act=1*"), ("GET", "/credit/usage?limit=5&before=1*"), ("GET", "/credit/usage.csv?from=2026-01-01*"),
        ("GET", "/orders/1*"), ("GET", "/products/1*"), ("GET", "/visits/1*/messages"), ("GET", "/disputes/1*"),
        ("PUT", "/stall", '{"name":"Stall*","language":"en*"}'), ("PATCH", "/me", '{"name":"Owner*"}'),
        ("POST", "/sessions", '{"phone":"98123456*","password":"x*"}'), ("POST", "/invitations/look", '{"token":"x*"}'),
        ("POST", "/stall-previews", '{"token":"x*"}'),
    ]
    good = True
    for method, path, *body in targets:
        command = [
            bin_dir / "sqlmap", "--batch", "--flush-session", "--disable-coloring", "--url", API + path, "--method", method, "--cookie",
            browser.cookies(), "--level", "2", "--risk", "2", "--dbms", "PostgreSQL", "--technique", "BEUST", "--time-sec", "2", "--threads", "2",
            "--ignore-code", "400,401,404,409,422,429", "--delay", "0.06", "--output-dir", str(report.parent / "sqlmap"),
        ]
        command += ["--data", body[0], "--headers", "Content-Type: application/json"] if body else []
        good &= run(command, report, append=True)
    found = [line for line in report.read_text(errors="replace").splitlines() if "is vulnerable" in line or "identified the following injection" in line]
    print("\n".join(found))
    return good and not found


def wapiti(bin_dir, _, browser, report):
    """The pages and what they call, as the owner, over TLS as phones meet them."""
    browser = sign_in(Browser(f"https://{HTTPS}/api/v1"), "owner")
    jar = report.parent / "cookies.json"
    host = {"/": {c.name: {"value": c.value, "expires": None, "secure": True, "port": None, "version": 0} for c in browser.jar}}
    jar.write_text(json.dumps({"127.0.0.1": host}))
    out = report.parent / "wapiti.json"
    command = [
        bin_dir / "wapiti", "--url", f"https://{HTTPS}/", "--verify-ssl", "0", "--scope", "domain", "--cookie", str(jar), "--format", "json", "--output", str(out), "--flush-session",
        "--max-scan-time", "900", "--max-attack-time", "120", "--verbose", "1", "--no-bugreport", "--start", f"{browser.api}/me", "--start", f"https://{HTTPS}/v",
        "--start", f"{browser.api}/goods?query=tom&language=en", "--start", f"{browser.api}/orders?limit=5", "--module",
        "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,sql,ssl,ssrf,timesql,xss,xxe",
    ]
    good = run(command, report)
    found = {kind: rows for kind, rows in json.loads(out.read_text())["vulnerabilities"].items() if rows} if out.exists() else {"no report": [1]}
    for kind, rows in found.items():
        print(f"{kind}: {rows[:3]}")
    return good and not found


def run(command, report, append=False):
    with open(report, "ab" if append else "wb") as out:
        return subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=report.parent, timeout=AT_MOST_S).returncode == 0


def main(program, venvs, *wanted):
    # Schemathesis ends sessions, and comes last.
    tools = [tool for tool in ("sqlmap", "wapiti", "schemathesis") if tool in wanted or not wanted]
    callers = [name for name in CALLERS if name in wanted] or CALLERS
    reports = pathlib.Path("bench/results/attack")
    reports.mkdir(parents=True, exist_ok=True)
    bin_dir = {tool: (pathlib.Path(venvs) / tool / "bin").absolute() for tool in tools}
    outcomes = {}
    with Server(os.path.abspath(program)) as server:
        browsers = people(server)
        for tool in tools:
            who = callers if tool == "schemathesis" else ["owner"]
            report = {name: (reports / f"{tool}-{name}.txt").absolute() for name in who}
            attack = {"schemathesis": schemathesis, "sqlmap": sqlmap, "wapiti": wapiti}[tool]
            # Each waits for its own limit most of the time.
            with concurrent.futures.ThreadPoolExecutor(len(who)) as pool:
                runs = {name: pool.submit(attack, bin_dir[tool], name, browsers[name], report[name]) for name in who}
            for name, found_nothing in runs.items():
                outcomes[tool, name] = found_nothing.result()
                print(f"attack: {tool} as {name}: {'nothing' if outcomes[tool, name] else report[name]}", flush=True)
        faults = [line for line in server.said().splitlines() if "panicked" in line]
        print("\n".join(faults))
        outcomes["the server's log"] = not faults
    if not all(outcomes.values()):
        sys.exit("attack: something was found")


if __name__ == "__main__":
    main(*sys.argv[1:])
