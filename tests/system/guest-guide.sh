#!/bin/bash
#
# In the guest: docs/guide.md, word for word. On a stock system with Debian's packages and a modem that NetworkManager
# has connected, apt gets our repository, and then all that the guide says is typed as it stands there; the file
# guide-commands says what each has to give. It prints how many did.


# The functions below are called by `check`, and by the commands of the table.
# shellcheck disable=SC2317

. ./guest-lib.sh
. ./guest-packages-lib.sh

export control CONTROL=$control
here=$PWD
guide=/opt/qmikit/docs/guide.md
table=$here/guide-commands
www=/run/www-guide

pid_of() { systemctl show -P MainPID "$1"; }
fetches() { http_get "$(nmcli -e no -g IP4.GATEWAY device show cdc-wdm0)" 8083 file >/dev/null; }
inside() { qmi-sim shell "$control" -- "$@"; }
has_adb() { grep -l '2C7C.*icFFisc42ip01' /sys/bus/usb/devices/*/modalias; }

# type_at PORT LINE WORDS: the AT port says the words to it.
type_at() {
	local said='' line
	exec 8<>"$1"
	stty -F "$1" raw -echo
	printf '%s\r' "$2" >&8
	until [[ $said == *$'\nOK\r'* || $said == *ERROR* ]]; do
		IFS= read -r -t 5 line <&8 || break
		said+=$line$'\n'
	done
	exec 8>&-
	[[ $said == *"$3"* ]] || { echo "$2: $said"; return 1; }
}
export -f ctl http_get http_fetch pid_of fetches inside has_adb type_at

# The editor of `systemctl edit`: it writes what the guide says to add, in the section that it belongs to.
make_editor() {
	cat >"$folder/editor" <<-'EDIT'
		#!/bin/sh
		sed -i "/^### Anything between here/a [Service]\n$ADDITION" "$1"
	EDIT
	chmod +x "$folder/editor"
	export EDITOR=$folder/editor
}

# count_all WHAT LEAST VERB LIST-VERB: each is a check; says how many passed, and which did not.
count_all() {
	local what=$1 least=$2 verb=$3 number name before passed=0 names missed=()
	mapfile -t names < <(python3 "$here/guide.py" "$4" "$guide")
	for number in "${!names[@]}"; do
		name=${names[number]} before=$failures
		[ "$verb" = run ] || number=$name
		check "the guide: $name" python3 "$here/guide.py" "$verb" "$guide" "$table" "$control" "$number"
		if [ "$failures" = "$before" ]; then passed=$((passed + 1)); else missed+=("$name"); fi
	done
	echo "# $passed of ${#names[@]} $what of the guide give what they are for"
	[ ${#missed[@]} = 0 ] || printf '# not: %s\n' "${missed[@]}"
	check "$what were found in the guide" [ "${#names[@]}" -ge "$least" ]
}

units=(ModemManager NetworkManager)
modprobe -a vhci_hcd qmi_wwan option
mkdir -p "$www" "$folder/run" "$folder/bin"
head -c 100000 /dev/urandom >"$www/file"
serve 127.0.0.1:8083 "$www"
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control" --qmuxd /run/modem-inside
as_a_server
stock_server
or_end 'Debian'\''s ModemManager and NetworkManager connect by it' within 120 connected
make_editor
cd "$folder/run" || exit
count_all commands 31 run list
count_all places 9 path paths
print_sizes
check 'back to Debian'\''s packages' back_to_debians
kill "$sim"
check 'the kernel has no complaint' no_complaint
finish
