# VyaparMitra. Two commands matter on a fresh machine: `make demo` and `make test`.
.PHONY: demo build test check coverage bench prepare-sql openapi clean

demo: ## Installs what is missing, builds, starts everything, plays a deal; Ctrl-C stops it all
	@scripts/setup run
	@scripts/web build
	@cargo build --quiet --bin vyapar
	@exec $${CARGO_TARGET_DIR:-target}/debug/vyapar demo

build: ## A release binary with the web app inside: target/release/vyapar
	@scripts/setup run
	@scripts/web build
	cargo build --release --bin vyapar

test: ## Every test, browser journeys included
	@scripts/test

check: ## Format, lints, budgets, licences, query cache, generated client
	@scripts/check

coverage: ## Line coverage of the Rust code
	@scripts/coverage

bench: ## Every benchmark beside its peer
	@bench/run

prepare-sql: ## Refreshes .sqlx/ from a freshly migrated database
	@scripts/prepare-sql

openapi: ## Refreshes the web client's types from the server's OpenAPI
	@scripts/openapi

clean: ## Removes what was built
	cargo clean
	rm -rf web/build web/.svelte-kit
