#!/bin/bash
#
# In the guest: Debian's ModemManager and ours, one after the other in one boot, on the same virtual modems, which are
# registered already and answer on the 32 ms grid, on DIAG too. Prints a table; how long something took fails nothing.

# The functions are called by `check` and `here`.
# shellcheck disable=SC2317

. ./guest-lib.sh

count=30
idle_seconds=30
single_runs=3
list_runs=15
declare -A figure

# here NAME COMMAND...: a check in this very shell, as what it finds is wanted; the end where it fails.
here() {
	local name=$1
	shift
	if "$@" >"$folder/here" 2>&1; then
		report 'ok' "$name"
	else
		report 'not ok' "$name"
		sed 's/^/# /' "$folder/here"
		end
	fi
}

# watch COUNT [POLL_SECONDS]: has bench-fleet wait for that many modems. Its process is $fleet.
watch() {
	local line
	exec {watching}< <(exec bench-fleet "$1" $((6 * $1)) ${2:+"$2"} 2>&1)
	fleet=$!
	read -r -t 20 line <&"$watching" && [ "$line" = ready ]
}

# watched LAST: what it says, up to that word.
watched() {
	local word value
	while read -r -t 600 word value <&"$watching"; do
		echo "$word $value"
		said[$word]=$value
		[ "$word" != "$1" ] || return 0
	done
	return 1
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

# The processes that are counted: the daemon, and the broker of either.
pids() { pidof ModemManager qmi-proxy; }

# Their memory in KiB, and their processor time so far in milliseconds.
memory_kib() {
	local pid sum=0
	for pid in $(pids); do sum=$((sum + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"))); done
	echo "$sum"
}

processor_ms() {
	local pid sum=0 spent
	for pid in $(pids); do
		read -r spent _ <"/proc/$pid/schedstat"
		sum=$((sum + spent / 1000000))
	done
	echo "$sum"
}

idle() {
	local before
	before=$(processor_ms)
	sleep "$idle_seconds"
	figure[$1.idle]=$(($(processor_ms) - before))
}

# list WHO: each with its own mmcli; a run of many, in milliseconds each.
list() {
	local began i program=/usr/bin/mmcli
	# not the function of this name, which is Debian's
	[ "$1" = theirs ] || program=$(type -P mmcli)
	"$program" -L | grep -c Modem/ | grep -x "$count" || return
	began=$EPOCHREALTIME
	for ((i = 0; i < list_runs; i++)); do "$program" -L >/dev/null || return; done
	figure[$1.list]=$(awk "BEGIN { printf \"%.1f\", ($EPOCHREALTIME - $began) * 1000 / $list_runs }")
}

# Each with the rules of udev of its packages: ours has one file in place of those of Debian's daemon.
our_rules() {
	local file
	mkdir -p /run/udev/rules.d
	for file in /lib/udev/rules.d/{77,80}-mm-*.rules; do
		ln -s /dev/null "/run/udev/rules.d/${file##*/}" || return
	done
	cp ../units/79-qmikit-modems.rules /run/udev/rules.d/ && udevadm control --reload
}

# For the trap of the script.
remove_ours() {
	rm -f /run/udev/rules.d/{77,80}-mm-*.rules /run/udev/rules.d/79-qmikit-modems.rules
	udevadm control --reload
	remove_daemon
}

no_broker() {
	local pid
	for pid in $(pidof qmi-proxy); do kill "$pid"; done
	! pidof qmi-proxy
}

unplug() {
	kill "$sim" "$fleet" 2>/dev/null
	or_end "$1: they are all gone" within 120 unplugged
	# what the daemon and udev have to do about it
	udevadm settle
	sleep 2
}

# contend WHO: everything, with the daemon that runs.
contend() {
	local who=$1 run times=()
	declare -A said
	for ((run = 0; run < single_runs; run++)); do
		here "$who: the watch is ready" watch 1
		starts "$who: qmi-sim plugs a modem in" --usb --warm
		here "$who: it is disabled, and enabled" watched registered
		times+=("${said[disabled]}")
		unplug "$who"
	done
	figure[$who.disabled]=$(median "${times[@]}")
	here "$who: the watch is ready" watch "$count" 5
	starts "$who: qmi-sim plugs $count modems in" --usb --warm --count "$count"
	here "$who: all are registered, and polled" watched polled
	figure[$who.work]=$(processor_ms)
	figure[$who.announced]=${said[announced]}
	figure[$who.all_disabled]=${said[disabled]}
	figure[$who.registered]=${said[registered]}
	sleep 10
	here "$who: they idle" idle "$who"
	figure[$who.memory]=$(memory_kib)
	here "$who: mmcli lists them" list "$who"
	unplug "$who"
}

# row KEY TITLE UNIT GOAL
row() {
	awk -v title="$2" -v unit="$3" -v theirs="${figure[theirs.$1]}" -v ours="${figure[ours.$1]}" -v goal="$4" 'BEGIN {
		printf "# %-46s %10s %10s %-4s %7.3f  %s\n", title, theirs, ours, unit, theirs ? ours / theirs : 0, goal
	}' >&3
}

if ! command -v bench-fleet >/dev/null; then
	echo '1..0 # SKIP bench-fleet was not built'
	exit 0
fi
exec 3>&1
units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_ours EXIT
systemctl stop NetworkManager
or_end 'Debian'\''s daemon starts' systemctl restart ModemManager
contend theirs
# their broker would stay for a while
systemctl stop ModemManager
check 'their broker ends' within 10 no_broker
check 'udev has our rules' our_rules
or_end 'ours starts' our_daemon
contend ours
printf '# %-46s %10s %10s %-4s %7s\n' '' ModemManager qmikit '' ratio >&3
row disabled 'from the last port node to disabled' s 'goal 0.333'
row all_disabled "$count at once, from the last to disabled" s 'for comparison'
row registered "$count at once, all registered" s 'goal 0.333'
row announced '  of that, until udev told of the last port' s ''
row work '  processor time by then, daemon and broker' ms 'for comparison'
row memory "memory with $count, daemon and broker (PSS)" KiB 'goal 0.250'
row idle "processor time of $idle_seconds s, signals every 5 s" ms 'goal 0.500'
row list 'mmcli -L' ms 'goal 0.500'
end
