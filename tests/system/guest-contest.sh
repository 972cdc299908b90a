#!/bin/bash
#
# In the guest: Debian's ModemManager and ours in one boot, on the same virtual modems, which are registered already and
# answer on the 32 ms grid, on DIAG too. Prints a table; how long something took fails nothing. A guest gets slower with
# what has been plugged in: Debian's runs first and last, ours twice in between, and the means count.

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

# note KEY VALUE
note() { figure[$1]+=" $2"; }

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

# The processes that are counted: the daemon, and the broker of either.
pids() { pidof ModemManager qmi-proxy; }

# memory_kib Rss|Pss: their memory, with what they share with others, or their part of that.
memory_kib() {
	local pid sum=0
	for pid in $(pids); do sum=$((sum + $(awk -v "which=$1:" '$1 == which { print $2 }' "/proc/$pid/smaps_rollup"))); done
	echo "$sum"
}

# The processor time of all their threads so far.
processor_ms() {
	local pid
	for pid in $(pids); do cat "/proc/$pid"/task/*/schedstat; done | awk '{ sum += $1 } END { printf "%d", sum / 1e6 }'
}

idle() {
	local before
	before=$(processor_ms)
	sleep "$idle_seconds"
	note "$1.idle" $(($(processor_ms) - before))
}

# list WHO: each with its own mmcli; a run of many, in milliseconds each.
list() {
	local began i program=/usr/bin/mmcli
	# not the function of this name, which is Debian's
	[ "$1" = theirs ] || program=$(type -P mmcli)
	"$program" -L | grep -c Modem/ | grep -x "$count" || return
	began=$EPOCHREALTIME
	for ((i = 0; i < list_runs; i++)); do "$program" -L >/dev/null || return; done
	note "$1.list" "$(awk "BEGIN { printf \"%.1f\", ($EPOCHREALTIME - $began) * 1000 / $list_runs }")"
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
	note "$who.disabled" "$(median "${times[@]}")"
	here "$who: the watch is ready" watch "$count" 5
	starts "$who: qmi-sim plugs $count modems in" --usb --warm --count "$count"
	here "$who: all are registered, and polled" watched polled
	note "$who.work" "$(processor_ms)"
	note "$who.announced" "${said[announced]}"
	note "$who.all_disabled" "${said[disabled]}"
	note "$who.registered" "${said[registered]}"
	sleep 10
	here "$who: they idle" idle "$who"
	note "$who.resident" "$(memory_kib Rss)"
	note "$who.memory" "$(memory_kib Pss)"
	here "$who: mmcli lists them" list "$who"
	unplug "$who"
}

# row KEY TITLE UNIT GOAL
row() {
	awk -v title="$2" -v unit="$3" -v theirs="${figure[theirs.$1]}" -v ours="${figure[ours.$1]}" -v goal="$4" '
	function mean(list, values, count, sum, i) {
		count = split(list, values, " ")
		for (i = 1; i <= count; i++) sum += values[i]
		return count ? sum / count : 0
	}
	BEGIN {
		printf "# %-46s %10.3f %10.3f %-4s %7.3f  %s\n", title, mean(theirs), mean(ours), unit,
			mean(theirs) ? mean(ours) / mean(theirs) : 0, goal
		printf "#   %-44s %s; %s\n", "theirs; ours", theirs, ours
	}' >&3
}

if ! command -v bench-fleet >/dev/null; then
	echo '1..0 # SKIP bench-fleet was not built'
	exit 0
fi
exec 3>&1
units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
systemctl stop NetworkManager
or_end 'Debian'\''s daemon starts' systemctl restart ModemManager
contend theirs
# their broker would stay for a while
systemctl stop ModemManager
check 'their broker ends' within 10 no_broker
or_end 'ours starts' our_daemon
contend ours
or_end 'ours starts again' systemctl restart ModemManager qmi-proxy
contend ours
check 'Debian'\''s daemon is the service again' eval 'remove_daemon; no_broker; systemctl restart ModemManager'
contend theirs
printf '# %-46s %10s %10s %-4s %7s\n' '' ModemManager qmikit '' ratio >&3
row disabled 'from the last port node to disabled' s 'goal 0.333'
row all_disabled "$count at once, from the last to disabled" s 'for comparison'
row registered "$count at once, all registered" s 'goal 0.333'
row announced '  of that, until udev told of the last port' s ''
row work '  processor time by then, daemon and broker' ms 'for comparison'
row resident "memory with $count, daemon and broker (RSS)" KiB 'goal 0.250'
row memory '  their part of it (PSS)' KiB 'goal 0.250'
row idle "processor time of $idle_seconds s, signals every 5 s" ms 'goal 0.500'
row list 'mmcli -L' ms 'goal 0.500'
end
