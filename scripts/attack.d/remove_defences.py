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
    ("a page of ours is known by its token", "identity/src/page_token.rs", "cookies::find(headers, name).is_some_and(|kept| kept == said)",
     "cookies::find(headers, name).is_some_and(|kept| kept == said) || !said.is_empty()",
     "package(identity) & test(=accounts::a_write_from_another_site_changes_nothing)"),
    ("guesses are counted over an hour on every node", "identity/src/throttle.rs", "count.failures > max", "count.failures > max * 1_000",
     "package(identity) & test(=throttling::twenty_wrong_guesses_close_a_number_for_the_rest_of_the_hour_on_every_node)"),
    ("a code of an app works once", "identity/src/second_factor.rs", "totp::matching(&secret, &code, now, factor.last_step)",
     "totp::matching(&secret, &code, now, factor.last_step.min(0))",
     "package(identity) & test(=second_factor::codes_are_turned_on_by_a_first_one_and_asked_for_from_then_on)"),
    ("a code to a telephone works once", "identity/src/by_code.rs", """        let hash = self.hasher.hash(new.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        if !db::texts::spend(&mut transaction, text.id).await? {
            return Err(CodeError::Over.into());
        }
        self.replace_password(""",
     """        let hash = self.hasher.hash(new.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        self.replace_password(""", "package(identity) & test(=texts::a_code_works_once_for_ten_minutes_for_one_thing_and_for_whoever_asked)"),
    ("guesses at codes to a telephone are counted by number", "identity/src/throttle.rs", "FAILURES_A_NUMBER_MAX: i32 = 10;", "FAILURES_A_NUMBER_MAX: i32 = 1_000;",
     "package(identity) & test(=text_limits::a_code_takes_five_guesses_and_a_number_ten_an_hour_on_every_node)"),
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
    ("a price floor that stands is moved by whoever showed who they are", "catalog/src/shelf.rs", "caller.shown_again()?;",
     "caller.shown_again().or(Ok::<(), Error>(()))?;",
     "package(catalog) & test(=products::a_floor_that_stands_is_not_moved_by_whoever_did_not_show_lately_who_they_are)"),
    ("a webhook is believed by its signature", "payments/src/gateway/razorpay/webhook.rs", ".ct_eq(&given).into()", ".ct_eq(&given).unwrap_u8() < 2",
     "package(payments) & test(=webhooks::a_flipped_byte_is_refused_and_leaves_nothing_and_the_sound_one_counts)"),
    ("addresses that users give lead to the internet only", "platform/src/http.rs", "IpAddr::V4(v4) => is_public_v4(v4)",
     "IpAddr::V4(v4) => is_public_v4(v4) || v4.is_private() || v4.is_link_local()",
     "package(platform) & test(=http::tests::addresses_inside_are_not_public)"),
    ("a sealed value opens in its place only", "platform/src/seal.rs", "let aad = [head.as_slice(), place.as_bytes()].concat();",
     "let aad = [head.as_slice(), &place.as_bytes()[..0]].concat();", "package(platform) & test(/^seal::/)"),
    ("a sealed name or number opens in its row only", "platform/src/fields.rs", 'format!("{}/{}/{row}", self.table, self.name)',
     'format!("{}/{}/{:.0}", self.table, self.name, row.to_string())',
     "package(identity) & test(=sealed::what_was_moved_to_another_row_or_column_does_not_open)"),
    ("every answer says what a browser may load", "app/src/headers.rs", ".layer(fixed(CONTENT_SECURITY_POLICY, policy))", "",
     "package(app) & test(=edges::every_answer_carries_the_headers_whatever_it_is)"),
    ("no file is kept without the scanner's verdict", "platform/src/scan.rs", "verdict(&answer.map_err(|error| Error::Away(error.to_string()))?)",
     "verdict(&answer.unwrap_or_else(|_| b\"stream: OK\".to_vec()))",
     "package(platform) & test(=scan::tests::where_there_is_none_everything_passes_and_where_it_is_away_nothing_does)"),
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
    ("a link of a letter works once", "identity/src/by_mail.rs",
     "        if !db::letters::spend(&mut transaction, letter.id).await? {\n            return Err(Error::LinkOver);\n        }\n        self.replace_password(",
     "        db::letters::spend(&mut transaction, letter.id).await?;\n        self.replace_password(",
     "package(identity) & test(=mail::a_link_works_once_also_for_two_at_the_same_moment)"),
    ("a link of a letter is for one thing", "identity/src/by_mail.rs", "purpose.is_none_or(|purpose| purpose == letter.purpose)",
     "purpose.is_none_or(|_| letter.purpose != Purpose::Nobody)",
     "package(identity) & test(=mail::a_link_works_for_an_hour_and_for_one_thing)"),
    ("words go elsewhere by their speaker's consent alone", "negotiation/src/reach.rs", "Ok(if agrees { Reach::Anywhere } else { Reach::Here })",
     "tracing::trace!(agrees);\n        Ok(Reach::Anywhere)",
     "package(negotiation) & binary(it) & test(=consents::a_members_words_go_elsewhere_by_that_members_word)"),
    ("recordings are kept by their speaker's consent alone", "negotiation/src/recording.rs", "speaker, Purpose::KeptRecordings).await?)",
     "speaker, Purpose::KeptRecordings).await.is_ok())",
     "package(negotiation) & binary(it) & test(=consents::a_recording_is_kept_only_where_its_speaker_agreed)"),
    ("a sign-in elsewhere belongs to the browser that began it", "identity/src/openid/mod.rs", "if cookie.expose_secret() != state {",
     "if cookie.expose_secret().is_empty() || state.is_empty() {",
     "package(identity) & test(=openid::a_sign_in_elsewhere_belongs_to_the_browser_that_began_it)"),
    ("what an issuer's form says stays a value", "identity/src/http/return_from_openid.rs", "percent_encoding::NON_ALPHANUMERIC", "percent_encoding::CONTROLS",
     "package(app) & test(=edges::a_form_of_an_issuer_and_a_message_of_a_gateway_come_from_elsewhere)"),
    ("browsers without TLS are sent to the configured address alone", "app/src/redirect.rs", "Redirect::permanent(&format!(\"{}{address}\", ways.to))",
     "Redirect::permanent(&format!(\"https://{}{address}\", request.headers().get(\"host\").and_then(|host| host.to_str().ok()).unwrap_or(&ways.to)))",
     "package(app) & test(=redirect::tests::browsers_are_sent_to_the_configured_address_whatever_host_they_name)"),
    ("an authority's question names an answer and no other file", "app/src/redirect.rs", "if !acme::is_question(name) {", "if name.is_empty() || acme::is_question(\"\") {",
     "package(app) & test(=redirect::tests::an_authority_finds_the_answer_in_its_folder_and_nothing_beside_it)"),
    ("redirects are not followed", "platform/src/http.rs", "reqwest::redirect::Policy::none()", "reqwest::redirect::Policy::limited(5)",
     "package(platform) & test(=http::tests::a_redirect_is_told_and_not_followed)"),
    ("the scanner is waited for only so long", "platform/src/scan.rs", "timeout(clamd.within, clamd.ask(file))", "timeout(clamd.within * 1_000, clamd.ask(file))",
     "package(platform) & test(=scan::tests::a_scanner_that_never_answers_is_waited_for_as_long_as_said_and_lets_nothing_pass)"),
    ("formulas are text in tables", "platform/src/csv.rs", "if is_run { \"'\" }", "if is_run && text.len() > 10_000 { \"'\" }",
     "package(platform) & test(/^csv::/)"),
    ("a stall's code is signed", "catalog/src/qr.rs", "if !self.0.verifies(signed, tag) || signed[0] != VERSION {", "if tag.is_empty() || signed[0] != VERSION {",
     "package(catalog) & test(/^qr::/)"),
    ("an offer whose time is over is over", "negotiation/src/offer.rs", "if waits && self.expires_at <= now {", "if waits && self.expires_at == DateTime::UNIX_EPOCH && self.expires_at <= now {",
     "package(negotiation) & test(=offer::tests::an_offer_whose_time_is_over_cannot_be_accepted)"),
    ("a wrong password of whoever is in is kept", "identity/src/confirmation.rs", "self.keep_refused_password(known.id).await?;",
     "if known.id.uuid().is_nil() {\n                    self.keep_refused_password(known.id).await?;\n                }",
     "package(identity) & test(=devices::a_wrong_password_of_whoever_is_signed_in_is_in_the_trail)"),
    ("the private floor reaches no buyer", "negotiation/src/view.rs", "if self.side == Side::Buyer {", "if self.side == Side::Buyer && price.amount().minor() < 0 {",
     "package(negotiation) & binary(it) & test(=binding::below_the_floor_the_vendor_alone_is_warned)"),
    ("credit pays no more than is owed", "billing/src/credit/settle.rs", 'within("amount", minor, 1, minor - over)?;',
     'within("amount", minor, 1, minor + over)?;', "package(billing) & test(=credit::settling::what_a_sale_pays_meanwhile_is_not_paid_again)"),
]


def without_defences(copy):
    # All are taken away at once: a test that stood for two would fail for either.
    if len({test for *_, test in DEFENCES}) != len(DEFENCES):
        sys.exit("remove-defences: two defences have one test")
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
