# The commands that people and CI run; CONTRIBUTING.md says what each is for.

.PHONY: demo console test soak bench pictures wheel package package-programs package-npm package-lambda release fmt clean

# Logs into a table, SQL over HTTP, every record compared byte for byte.
# INPUT=file takes your own logs instead of a sample; KEEP=1 leaves the server up.
# With Node there, a server that stays up has the query console at /.
demo:
	cargo build -p fidelog-producer -p fidelog-lambda -p fidelog-tests --bins
	@$(if $(KEEP),if command -v npm >/dev/null && scripts/build-console.sh; then export FIDELOG_CONSOLE=$(CURDIR)/wasm/console/dist; fi;) \
	$${CARGO_TARGET_DIR:-target}/debug/demo $(if $(KEEP),--keep) $(if $(INPUT),"$(INPUT)")

# The query console for `fidelog-serve --console wasm/console/dist`, or for a bucket.
console:
	@scripts/build-console.sh

# Everything functional: installs what the tests need, says what was skipped and why.
test:
	@scripts/test.sh

# What takes long: kills, big results, property tests with many cases, fuzzing. SOAK_CASES=n sets how many cases,
# FUZZ_SECONDS=n how long each fuzz target runs.
soak:
	@scripts/soak.sh

# Sizes and speeds beside gzip, zstd, brotli, xz and Parquet, in one run. INPUT=file adds your own logs;
# QUICK=1 takes little data and two minutes instead of half an hour.
bench:
	@scripts/bench.sh $(if $(QUICK),--quick) $(if $(INPUT),"$(INPUT)")

# docs/pictures, and README's tables, from the newest results in docs/bench and from what the programs print here.
# RESULTS=bench/results.json puts a run of `make bench` there first.
pictures:
	@scripts/pictures.sh $(RESULTS)

# The Python package that people install, into dist/.
wheel:
	@scripts/build-python.sh --release

# What else a release gives away, into dist/: programs for this machine, the JavaScript package, the Lambda functions' zips.
package: package-programs package-npm package-lambda

package-programs:
	@scripts/package.sh programs

package-npm:
	@scripts/package.sh npm

package-lambda:
	@scripts/package-lambda.sh

# For .github/workflows/release.yml: dist/ as the release of a tag.
release:
	gh release create "$(TAG)" dist/* --title "$(TAG)" --notes "See CHANGELOG.md." --verify-tag

fmt:
	cargo fmt --all

# Built things and installed tools.
clean:
	cargo clean
	rm -rf .cache dist wasm/pkg wasm/console/dist
