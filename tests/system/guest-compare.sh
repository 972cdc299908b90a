#!/bin/bash
#
# In the guest: Debian's ModemManager and ours, one after the other, on the same virtual modem in the same states. What
# Debian's mmcli reads of them, what is on the bus, and the states that the modem goes through are the same but for the
# rows of `compare-differences`. With QMIKIT_ALL there are more states, and all formats of mmcli.

# The functions below are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

bus=org.freedesktop.ModemManager1

# --- What is read

# What mmcli reads of a modem: in every state, and once.
often=('' --location-status --location-get --messaging-list-sms --voice-list-calls --signal-get)
once=(--3gpp-profile-manager-status --3gpp-profile-manager-list --3gpp-ussd-status --messaging-status --voice-status
	--voice-query-call-waiting --time --firmware-status --firmware-list --sar-status --oma-status --get-cell-info)

# read_as NAME OPTION...: in all formats; what it says on standard error is of interest as the error's name alone.
read_as() {
	local name=$1 format
	shift
	for format in "${formats[@]}"; do
		{
			# shellcheck disable=SC2086
			mmcli "$@" $format 2>"$folder/complaint"
			echo "exit : $?"
			sed -n 's/.*GDBus\.Error:org\.freedesktop\.ModemManager1\.Error\.\([A-Za-z.]*\).*/error : \1/p' \
				"$folder/complaint"
		} >"$scene/$name.${format:-human}"
	done
}

# objects_of KIND: the paths that the modem and its interfaces name.
objects_of() { grep -ho "/org/freedesktop/ModemManager1/$1/[0-9]*" "$scene"/*.-K | sort -u; }

# Each SIM, bearer, message and call.
read_objects() {
	local kind option number path
	while read -r kind option; do
		number=0
		for path in $(objects_of "$kind"); do
			read_as "$option$number" "$option" "$path"
			number=$((number + 1))
		done
	done <<-'END'
		SIM -i
		Bearer -b
		SMS -s
		Call -o
	END
}

# see SCENE [thoroughly]: what can be read now; once also what changes seldom, and in all formats.
see() {
	local read reads=("${often[@]}") formats=(-K)
	scene=$side/$1
	mkdir -p "$scene"
	[ $# = 1 ] || reads+=("${once[@]}")
	[ "$#${QMIKIT_ALL-}" != 21 ] || formats+=('' -J)
	find_modem || return
	read_as -L -L
	for read in "${reads[@]}"; do
		# shellcheck disable=SC2086
		read_as "${read:--m}" -m "$modem" $read
	done
	read_objects
	python3 compare.py look >"$scene/bus"
}

# --- What happens meanwhile

# act NAME COMMAND...: what is told of the states goes below that name.
act() {
	local name=$1
	shift
	echo "act $name" >>"$side/acts"
	wc -l <"$side/signals" >>"$side/acts"
	"$@"
	local status=$?
	steady
	wc -l <"$side/signals" >>"$side/acts"
	return "$status"
}

# Nothing that mmcli shows of the modem has changed for a moment.
steady() {
	local before='' now same=0 end=$((SECONDS + 15))
	while [ $same -lt 3 ] && [ $SECONDS -lt $end ]; do
		sleep 0.3
		now=$(mmcli -K -m any 2>&1)
		[ "$now" = "$before" ] && same=$((same + 1)) || same=0
		before=$now
	done
}

# The signals of the daemon's, to the end of the walk.
start_listening() {
	: >"$side/signals"
	: >"$side/acts"
	stdbuf -oL busctl monitor --json=short --match "type='signal',sender='$bus'" >"$side/signals" 2>"$folder/monitor" &
	listener=$!
}

listened_to() { within 10 grep -q Monitoring "$folder/monitor"; }

# --- The states

becomes() { within "${2:-60}" modem_is "$1"; }

enable() { mmcli -m "$modem" -e && becomes registered && within 20 is modem.3gpp.packet-service-state attached; }

disable() { mmcli -m "$modem" -d && becomes disabled; }

connect() { mmcli -m "$modem" --simple-connect="$1" --timeout=60 && becomes connected; }

disconnect() { mmcli -m "$modem" --simple-disconnect && becomes registered; }

# lists ACTION COUNT WORD: so many lines of a list have the word.
lists() { [ "$(mmcli -m any "$1" | grep -c "$3")" = "$2" ]; }

get_message() {
	ctl sms +4915550100 'Hello modem' && ctl sms +4915550101 "$(printf 'long %.0s' {1..60})" &&
		within 10 lists --messaging-list-sms 2 received
}

# do_and_see SCENE[:thoroughly] COMMAND...: some scenes are for those who have time.
do_and_see() {
	local how=("${1%:*}")
	[ "$1" = "${how[0]}" ] || how+=("${1#*:}")
	shift
	check "$what: ${how[0]}" act "${how[0]}" "$@"
	case ${QMIKIT_ALL-}${how[0]} in
	1* | enable | connect-both | disable) see "${how[@]}" ;;
	esac
}

# walk SIDE WHOSE: one of the two through all states.
walk() {
	side=$folder/$1 what=$2
	mkdir "$side"
	start_listening
	check "$what: it is listened to" listened_to
	starts "$what: a modem is plugged in" --usb --warm --time-scale 0.1 --control "$control"
	or_end "$what: it is disabled" becomes disabled
	find_modem
	steady
	[ "${QMIKIT_ALL-}" != 1 ] || see plugged
	do_and_see enable enable
	do_and_see message get_message
	do_and_see connect connect apn=internet
	do_and_see disconnect disconnect
	do_and_see connect-both:thoroughly connect apn=internet,ip-type=ipv4v6
	check "$what: disconnect" act disconnect-both disconnect
	do_and_see disable disable
	kill "$sim" "$listener"
	wait "$sim" "$listener"
}

# --- The verdict

judge() { python3 compare.py "$folder/theirs" "$folder/ours" compare-differences "$@"; }

no_trace_of_ours() { remove_daemon && systemctl start ModemManager; }

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
or_end 'our daemon runs' our_daemon
began=$SECONDS
walk ours 'ours'
echo "# ours took $((SECONDS - began)) s"
check 'the modem has gone' within 20 unplugged
or_end 'Debian'\''s daemon runs in its place' no_trace_of_ours
began=$SECONDS
walk theirs 'Debian'\''s'
echo "# Debian's took $((SECONDS - began)) s"
for scene in "$folder"/theirs/*/; do
	scene=$(basename "$scene")
	check "$scene: the same is read of both" judge reads "$scene"
	check "$scene: the same is on the bus" judge bus "$scene"
done
check 'the modem goes through the same states' judge states
check 'what is listed as different is different' judge listed
end
