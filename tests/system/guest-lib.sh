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

# within SECONDS COMMAND...: until it succeeds; shows what the last try said.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >"$folder/tried" 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			cat "$folder/tried"
			return 1
		fi
		sleep 0.1
	done
}

# or_end NAME COMMAND...: a check without which the rest makes no sense.
or_end() {
	local before=$failures
	check "$@"
	[ "$failures" = "$before" ] || end
}

# The end of a script: what `units` say in the journal, where something failed.
units=()
end() {
	local unit
	if [ "$failures" != 0 ]; then
		for unit in "${units[@]}"; do
			journalctl -u "$unit" --no-pager | tail -n 80 | sed 's/^/# /'
		done
	fi
	[ ${#units[@]} = 0 ] || systemctl stop "${units[@]}"
	finish
}

seconds_since() { awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $1 }"; }

# http_get HOST PORT FILE: what an HTTP server sends, behind its header. (Debian's busybox wget crashes
# in the guest.) Where it takes too long it shows on stderr what the connections wait for.
http_get() {
	timeout 120 bash -c 'http_fetch "$@"' - "$@" && return
	ss -tinpe >&2
	return 1
}
http_fetch() {
	local line
	exec 9<>"/dev/tcp/$1/$2" || return
	printf 'GET /%s HTTP/1.0\r\n\r\n' "$3" >&9
	while read -r line <&9 && [ "$line" != $'\r' ]; do :; done
	exec cat <&9
}
export -f http_fetch

# serve ADDRESS:PORT FOLDER: an HTTP server until the end of the script.
servers=()
serve() {
	busybox httpd -f -p "$1" -h "$2" &
	servers+=($!)
	within 10 listening "${1##*:}"
}
listening() { ss -Hltn "sport = :$1" | grep -q .; }
trap 'kill "${servers[@]}" 2>/dev/null' EXIT

# --- ModemManager, as mmcli shows it

# Debian's is the judge; ours is `our_mmcli`.
mmcli() { /usr/bin/mmcli "$@"; }
our_mmcli() { command mmcli "$@"; }

# The units of our broker, as a package has them, for the program of this guest.
install_broker() {
	local unit
	mkdir -p /run/systemd/system
	for unit in ../units/qmi-proxy.*; do
		sed -e "s,^ExecStart=.*,ExecStart=$(command -v qmi-proxy)\nEnvironment=LD_LIBRARY_PATH=$LD_LIBRARY_PATH," \
			"$unit" >"/run/systemd/system/${unit##*/}" || return
	done
	systemctl daemon-reload
}

# For the trap of a script: others are to meet no broker.
remove_broker() {
	systemctl stop qmi-proxy.socket qmi-proxy.service
	rm -f /run/systemd/system/qmi-proxy.*
	systemctl daemon-reload
}

# Gives the service back to Debian's.
remove_daemon() {
	systemctl stop ModemManager
	rm -rf /run/systemd/system/ModemManager.service /var/lib/ModemManager /run/ModemManager
	their_rules
	remove_broker
}

# The rules of udev that our packages bring, in place of those of Debian's daemon; and back.
our_rules() {
	local file
	mkdir -p /run/udev/rules.d
	for file in /lib/udev/rules.d/{77,80}-mm-*.rules; do
		ln -sf /dev/null "/run/udev/rules.d/${file##*/}" || return
	done
	cp ../units/79-qmikit-modems.rules /run/udev/rules.d/ && udevadm control --reload
}
their_rules() {
	rm -f /run/udev/rules.d/{77,80}-mm-*.rules /run/udev/rules.d/79-qmikit-modems.rules
	udevadm control --reload
}

# Has the service run our daemon in place of Debian's, with the broker's socket beside it and our rules of udev: to be
# taken back by remove_daemon.
our_daemon() {
	our_rules || return
	# the broker that Debian's has begun is in the way of our socket, and ends with it
	systemctl stop ModemManager
	install_broker && systemctl start qmi-proxy.socket || return
	# as a package has it, for the program of this guest
	sed -e "s,^ExecStart=.*,ExecStart=$(command -v ModemManager)\nEnvironment=LD_LIBRARY_PATH=$LD_LIBRARY_PATH," \
		../units/ModemManager.service >/run/systemd/system/ModemManager.service || return
	systemctl daemon-reload && systemctl restart ModemManager
}

# Debian's again.
their_daemon() {
	systemctl stop ModemManager
	rm -r /run/systemd/system/ModemManager.service
	their_rules
	systemctl daemon-reload
}

# Sets `modem` to the path of the one that it has; fails while it has none.
find_modem() {
	modem=$(mmcli -L | sed -n 's,^ *\(/org/freedesktop/ModemManager1/Modem/[0-9]*\) .*,\1,p' | head -n 1)
	[ -n "$modem" ]
}

# value KEY [OBJECT...]: what mmcli says of an object, by default of the modem.
value() {
	local key=${1//./\\.}
	key=${key//[/\\[}
	shift
	[ $# != 0 ] || set -- -m "$modem"
	mmcli -K "$@" | sed -n "s/^$key *: //p"
}

# is KEY VALUE [OBJECT...]
is() {
	local key=$1 wanted=$2 now
	shift 2
	now=$(value "$key" "$@")
	[ "$now" = "$wanted" ] || { echo "$key is '$now', not '$wanted'"; return 1; }
}

# modem_is STATE: of the one modem, whatever its path is now.
modem_is() { find_modem && is modem.generic.state "$1"; }

# same_from_both WORD...: the two mmclis print the same bytes.
same_from_both() {
	mmcli "$@" >"$folder/same.theirs" 2>&1
	echo "exit $?" >>"$folder/same.theirs"
	our_mmcli "$@" >"$folder/same.ours" 2>&1
	echo "exit $?" >>"$folder/same.ours"
	diff "$folder/same.theirs" "$folder/same.ours"
}

# The same in each of mmcli's formats.
same_in_all() {
	local format failed=0
	for format in '' -K -J; do
		# shellcheck disable=SC2086
		same_from_both "$@" $format || failed=1
	done
	return "$failed"
}

# --- The virtual modem's other side

control=/run/qmi-sim.sock

ctl() { qmi-sim ctl "$control" "$@"; }

unplugged() {
	local node
	for node in /dev/cdc-wdm* /dev/ttyUSB* /sys/class/net/wwan*; do
		[ ! -e "$node" ] || return
	done
}

# enumerated COUNT: the kernel has the QMI ports and the four terminals of so many modems.
enumerated() {
	local nodes
	nodes=$(find /dev -name 'cdc-wdm*' | wc -l)
	echo "$nodes of $1"
	[ "$nodes" = "$1" ] && [ "$(find /dev -name 'ttyUSB*' | wc -l)" = $((4 * $1)) ]
}

said() { grep -F "$1" "$folder/sim.log"; }

# What the drivers and the controller would say of a modem that does not keep to the rules.
no_complaint() {
	! dmesg | grep -E 'WARNING|BUG:|cannot find a urb|nonzero urb|Unexpected error|unknown notification|wdm_int_callback'
}
