# shellcheck shell=bash
# What the scripts here share: tests that report in TAP. Source it, and end with `finish`.

tests=0
failures=0

report() {
	tests=$((tests + 1))
	[ "$1" = 'ok' ] || failures=$((failures + 1))
	echo "$1 $tests - $2"
}

# check NAME COMMAND...: passes when the command succeeds, and shows what it printed when not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		report 'ok' "$name"
	else
		report 'not ok' "$name"
		printf '%s\n' "$ $*" "$output" | sed 's/^/# /'
	fi
}

# same NAME FILE FILE: passes when both hold the same bytes, and at least one.
same() {
	check "$1" test -s "$2"
	check "$1, to the byte" diff "$2" "$3"
}

finish() {
	echo "1..$tests"
	exit $((failures > 0))
}
