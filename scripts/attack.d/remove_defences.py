"""Removes each defence in a copy of the sources, builds once, and runs the tests that must fail then."""

import os
import pathlib
import shutil
import subprocess
import sys

# What is protected; the file; what stands there; what stands there without the defence; the test that must fail.
DEFENCES = [
    ("writes from another site are refused", "identity/src/origin.rs", "if method.is_safe() {", "if !method.as_str().is_empty() {",
     "package(identity) & test(=origin::tests::a_page_of_another_site_may_not_write)"),
    ("guesses are counted over an hour on every node", "identity/src/throttle.rs", "count.failures > max", "count.failures > max * 1_000",
     "package(identity) & test(=throttling::twenty_wrong_guesses_close_a_number_for_the_rest_of_the_hour_on_every_node)"),
    ("a code of an app works once", "identity/src/second_factor.rs", "totp::matching(&secret, &code, now, factor.last_step)",
     "totp::matching(&secret, &code, now, factor.last_step.min(0))",
     "package(identity) & test(=second_factor::codes_are_turned_on_by_a_first_one_and_asked_for_from_then_on)"),
    ("scripts cannot read the session", "identity/src/cookies.rs", ".http_only(true)", ".http_only(false)",
     "package(identity) & test(=cookies::tests::over_tls_the_cookie_is_bound_to_the_host)"),
    ("a forged X-Forwarded-For is not believed", "identity/src/connection.rs", "trusted.iter().any(|net| net.contains(&address))",
     "trusted.iter().any(|net| net.contains(&address)) || address.is_ipv4()",
     "package(identity) & test(=connection::tests::a_forged_forwarding_header_is_not_believed)"),
    ("an unused session ends", "identity/src/session.rs", "IDLE_MAX: TimeDelta = TimeDelta::days(14)", "IDLE_MAX: TimeDelta = TimeDelta::days(1_400)",
     "package(identity) & test(=sessions::a_session_ends_after_fourteen_days_without_use)"),
    ("an altered entry of the audit trail is found", "identity/src/audit/verify.rs", "if hash != row.hash || row.entry.id(&hash) != row.id {",
     "if hash.len() != row.hash.len() {", "package(identity) & binary(it) & test(/^audit::/)"),
    ("what sends money elsewhere is asked once more", "app/src/permissions.rs", "caller.shown_again()", "caller.shown_again().or(Ok(()))",
     "package(app) & test(=permissions::everybody_may_what_the_list_says_and_nothing_else)"),
    ("a webhook is believed by its signature", "payments/src/gateway/razorpay/webhook.rs", ".ct_eq(&given).into()", ".ct_eq(&given).unwrap_u8() < 2",
     "package(payments) & test(=webhooks::a_flipped_byte_is_refused_and_leaves_nothing_and_the_sound_one_counts)"),
    ("addresses that users give lead to the internet only", "platform/src/http.rs", "IpAddr::V4(v4) => is_public_v4(v4)",
     "IpAddr::V4(v4) => is_public_v4(v4) || v4.is_private() || v4.is_link_local()", "package(platform) & test(/^http::/)"),
    ("a sealed value opens in its place only", "platform/src/seal.rs", "let aad = [head.as_slice(), place.as_bytes()].concat();",
     "let aad = [head.as_slice(), &place.as_bytes()[..0]].concat();", "package(platform) & test(/^seal::/)"),
    ("every answer says what a browser may load", "app/src/headers.rs", ".layer(fixed(CONTENT_SECURITY_POLICY, policy))", "",
     "package(app) & test(=edges::every_answer_carries_the_headers_whatever_it_is)"),
    ("no file is kept without the scanner's verdict", "platform/src/scan.rs", "verdict(&answer.map_err(|error| Error::Away(error.to_string()))?)",
     "verdict(&answer.unwrap_or_else(|_| b\"stream: OK\".to_vec()))", "package(platform) & test(/^scan::/)"),
    ("what comes out of an archive is counted", "payments/src/table.rs", "if unpacked.len() > room {", "if unpacked.len() > room * 1_000 {",
     "package(payments) & test(/^table::/)"),
    ("an old token of a program ends its sign-in", "identity/src/app_token.rs", "now - replaced_at <= LOST_WITHIN", "now - replaced_at <= LOST_WITHIN * 1_000",
     "package(identity) & test(=app_tokens::a_parent_that_comes_late_ends_the_sign_in_for_both)"),
    ("what a member asks for sees the rows of their business alone", "app/src/permissions.rs",
     "Ok(Some(business)) => tenancy::on_behalf_of(business, next.run(request)).await,", "Ok(Some(_)) => next.run(request).await,",
     "package(app) & test(=fences::a_members_call_runs_behind_the_fence_and_a_buyers_does_not)"),
    ("a connection sees the rows of the business it was handed out for", "platform/src/tenancy.rs",
     "Box::pin(async { tell(connection).await.map(|()| true) })", "Box::pin(async { connection.ping().await.map(|()| true) })",
     "package(platform) & test(=tenancy::a_connection_sees_the_business_it_was_handed_out_for_time_after_time)"),
    ("the private floor reaches no buyer", "negotiation/src/view.rs", "if self.side == Side::Buyer {", "if self.side == Side::Buyer && price.amount().minor() < 0 {",
     "package(negotiation) & binary(it) & test(=binding::below_the_floor_the_vendor_alone_is_warned)"),
]


def without_defences(copy):
    for what, file, there, instead, _ in DEFENCES:
        path = copy / "crates" / file
        text = path.read_text()
        if text.count(there) != 1:
            sys.exit(f"remove-defences: {what}: `{there}` stands {text.count(there)} times in {file}")
        path.write_text(text.replace(there, instead))


def main(target):
    target = pathlib.Path(target).absolute()
    # Always the same place, so that a second run builds what changed.
    copy = target / "without-defences"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(".", copy, ignore=shutil.ignore_patterns("target", "node_modules", ".git", "test-results"), symlinks=True)
    without_defences(copy)
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "SQLX_OFFLINE": "true"}
    environment.pop("DATABASE_URL", None)
    subprocess.run(["cargo", "build", "--quiet", "--workspace", "--all-targets"], cwd=copy, env=environment, check=True)
    unnoticed = []
    for what, _, _, _, test in DEFENCES:
        command = ["cargo", "nextest", "run", "--workspace", "--no-fail-fast", "--no-tests", "fail", "-E", test]
        run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
        failed = sorted({line.split()[-1] for line in run.stderr.splitlines() if line.strip().startswith("FAIL")})
        print(f"{'✓' if failed else '✗ NOT NOTICED'} {what}: {', '.join(failed) or test}", flush=True)
        if not failed:
            unnoticed.append(what)
    shutil.rmtree(copy)
    if unnoticed:
        sys.exit(f"remove-defences: {len(unnoticed)} of {len(DEFENCES)} are not noticed")


if __name__ == "__main__":
    main(sys.argv[1])
