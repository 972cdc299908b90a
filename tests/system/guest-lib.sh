# shellcheck shell=bash
# What the guest's scripts share besides tap.sh: virtual modems, waiting, and what may not happen.
# Source it behind tap.sh. Its functions are called by `check`, which shellcheck cannot see.
# shellcheck disable=SC2317,SC2034

. ./tap.sh

folder=$(mktemp -d)

stock_kernel() { [ "$(cat /proc/sys/kernel/tainted)" = 0 ]; }

start_sim() {
	local line
	exec {ready}< <(exec qmi-sim "$@" 2>"$folder/sim.log")
	sim=$! # whoever started it ends it by this
	if ! read -r -t 20 line <&"$ready" || [ "$line" != ready ]; then
		sed 's/^/# /' "$folder/sim.log"
		return 1
	fi
}

# starts NAME OPTION...: a test of its own, in this very shell.
starts() {
	local name=$1
	shift
	if start_sim "$@"; then report 'ok' "$name"; else report 'not ok' "$name"; fi
}

# within SECONDS COMMAND...: until it succeeds.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

unplugged() {
	local node
	for node in /dev/cdc-wdm* /dev/ttyUSB* /sys/class/net/wwan*; do
		[ ! -e "$node" ] || return
	done
}

said() { grep -F "$1" "$folder/sim.log"; }

# What the drivers and the controller would say of a modem that does not keep to the rules.
no_complaint() {
	! dmesg | grep -E 'WARNING|BUG:|cannot find a urb|nonzero urb|Unexpected error|unknown notification|wdm_int_callback'
}
