# shellcheck shell=bash
# What guest-compare*.sh share: Debian's ModemManager and ours, one after the other, on the same virtual modem in the
# same states. What Debian's mmcli reads of them, what is on the bus, and what the bus tells meanwhile are the same but
# for the rows of `compare-differences`. What our mmcli reads of Debian's daemon is the same to the byte.
#
# A script sources it, has a function `scenes` that leads a modem through its states, and ends with compare_daemons.

# The functions below are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

bus=org.freedesktop.ModemManager1
modem=any

# --- What is read

# What mmcli reads of a modem: in every state; once; and behind the name of a scene.
often=('' --location-status --location-get --messaging-list-sms --voice-list-calls --signal-get)
# shellcheck disable=SC2034
reads_thoroughly=(--3gpp-profile-manager-status --3gpp-profile-manager-list --3gpp-ussd-status --messaging-status
	--voice-status --voice-query-call-waiting --time --firmware-status --firmware-list --sar-status --oma-status
	--get-cell-info)

# The forms of what mmcli prints. The daemons are compared in the first, where it is not said otherwise: the others show
# the same values. Our mmcli is compared with Debian's in all.
forms=(-K -J human)

# say PROGRAM FILE WORD...: of an error that a daemon gave, the name. In full it stands beside.
say() {
	local program=$1 file=$2
	shift 2
	{
		"$program" "$@" 2>"$file.complaint"
		echo "exit : $?"
		sed -n 's/.*GDBus\.Error:org\.freedesktop\.ModemManager1\.Error\.\([A-Za-z.]*\).*/error : \1/p' \
			"$file.complaint"
	} >"$file"
}

# The network's time goes on between the two, and so does a modem that moves.
timeless() { sed -e 's/T[0-9:]\{8\}/T--/' -e '/location\.gps/s/[0-9A-F]\{1,\}/-/g' "$1"; }

# What libmm-glib grumbles about is nobody's.
same_said() {
	cmp -s <(timeless "$1") <(timeless "$2") && cmp -s <(grep '^error' "$1.complaint") <(grep '^error' "$2.complaint")
}

# say_twice FILE TWIN WORD...: our mmcli says it, too. What changes while it is looked at is looked at again.
say_twice() {
	local file=$1 twin=$2
	shift 2
	for _ in 1 2 3 4; do
		say mmcli "$file" "$@" &
		local stock=$!
		say our_mmcli "$twin" "$@"
		wait "$stock"
		same_said "$file" "$twin" && return
	done
	{
		echo "mmcli $*"
		diff "$file" "$twin"
		diff "$file.complaint" "$twin.complaint"
	} >>"${twin%/*}/differ"
}

# read_form NAME FORM FILE OPTION...
read_form() {
	local name=$1 form=$2 file=$3
	shift 3
	[ "$form" = human ] || set -- "$@" "$form"
	if [ "$whose" = theirs ]; then
		say_twice "$file" "$scene/twins/ours$name.$form" "$@"
	else
		say mmcli "$file" "$@"
	fi
}

# Whether something else was read under this name in the scene before.
is_news() {
	cmp -s "$scene/$1.-K" "$side/last/$1" && return 1
	cp "$scene/$1.-K" "$side/last/$1"
}

# read_as NAME OPTION...
read_as() {
	local name=$1 form place news=0 readers=()
	shift
	read_form "$name" -K "$scene/$name.-K" "$@"
	if is_news "$name"; then news=1; fi
	for form in "${forms[@]:1}"; do
		if [ "$of_both" = all ]; then
			place=$scene
		elif [ "$whose" = theirs ] && [ "$news" = 1 ]; then
			place=$scene/twins
		else
			continue
		fi
		read_form "$name" "$form" "$place/$name.$form" "$@" &
		readers+=($!)
	done
	[ ${#readers[@]} = 0 ] || wait "${readers[@]}"
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

# see SCENE [GROUP]: what can be read now, and what reads_GROUP names.
see() {
	local read reads=("${often[@]}") of_both=some
	[ "${2-}" != thoroughly ] || of_both=all
	if [ $# = 2 ]; then
		local -n more=reads_$2
		reads+=("${more[@]}")
	fi
	scene=$side/$1
	mkdir -p "$scene/twins"
	read_as -L -L
	if find_modem; then
		for read in "${reads[@]}"; do
			# shellcheck disable=SC2086
			read_as "${read:--m}" -m "$modem" $read
		done
		read_objects
	fi
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

# do_and_see SCENE[:GROUP] COMMAND...
do_and_see() {
	local name=${1%:*} group=${1#"${1%:*}"}
	shift
	check "$what: $name" act "$name" "$@"
	see "$name" ${group:+"${group#:}"}
}

# --- What is done to a modem, whatever its path is

# state_among STATE...
state_among() {
	local now
	find_modem || return
	now=$(value modem.generic.state)
	echo "it is $now"
	[[ " $* " == *" $now "* ]]
}

becomes() { within "${2:-60}" modem_is "$1"; }

plug_in() {
	starts "$what: a modem is plugged in" --usb --warm --time-scale 0.1 --control "$control"
	or_end "$what: it is disabled" becomes disabled
	steady
}

enable() { mmcli -m any -e && becomes registered && within 20 is modem.3gpp.packet-service-state attached; }

disable() { mmcli -m any -d && becomes disabled; }

connect() { mmcli -m any --simple-connect="$1" --timeout=60 && becomes connected; }

disconnect() { mmcli -m any --simple-disconnect && becomes registered; }

# lists ACTION COUNT WORD: so many lines of a list have the word.
lists() { [ "$(mmcli -m any "$1" | grep -c "$3")" = "$2" ]; }

# --- The verdict

judge() { python3 compare.py "$folder/theirs" "$folder/ours" compare-differences "$@"; }

no_trace_of_ours() { remove_daemon && systemctl start ModemManager; }

same_by_ours() { ! cat "$1/twins/differ" 2>/dev/null; }

# walk SIDE WHOSE: one of the two through all states.
walk() {
	local began=$SECONDS
	whose=$1 side=$folder/$1 what=$2
	mkdir -p "$side/last"
	start_listening
	check "$what: it is listened to" listened_to
	scenes
	kill "$sim" "$listener"
	wait "$sim" "$listener"
	echo "# $what took $((SECONDS - began)) s"
}

compare_daemons() {
	units=(ModemManager)
	modprobe -a vhci_hcd qmi_wwan option
	trap remove_daemon EXIT
	or_end 'our daemon runs' our_daemon
	walk ours 'ours'
	check 'the modem has gone' within 20 unplugged
	or_end 'Debian'\''s daemon runs in its place' no_trace_of_ours
	walk theirs 'Debian'\''s'
	rm -r "$folder"/*/last
	for scene in "$folder"/theirs/*/; do
		check "$(basename "$scene"): our mmcli says the same" same_by_ours "$scene"
		scene=$(basename "$scene")
		check "$scene: the same is read of both" judge reads "$scene"
		check "$scene: the same is on the bus" judge bus "$scene"
	done
	check 'the modem goes through the same states' judge states
	check 'what is listed as different is different' judge listed
	end
}
