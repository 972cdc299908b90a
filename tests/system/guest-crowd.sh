#!/bin/bash
#
# In the guest: thirty modems that are plugged in at once and pulled at once under our ModemManager, while twenty clients
# ask for all sorts of things, twice. Nothing of them is left behind.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

count=30 clients=20

pid_now() { systemctl show -P MainPID ModemManager; }
files() { find "/proc/$pid/fd" -mindepth 1 | wc -l; }
objects() { busctl tree --list org.freedesktop.ModemManager1 | grep -c /; }
memory_kib() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }

known() {
	local states
	states=$(our_mmcli -L | sed -n 's,.*/Modem/\([0-9]*\) .*,\1,p' | while read -r index; do
		our_mmcli -K -m "$index" | sed -n 's/^modem.generic.state *: //p'
	done | grep -cxE 'disabled|enabling|enabled|searching|registered|connecting|connected|disconnecting|disabling')
	echo "$states of $count"
	[ "$states" = "$count" ]
}
none() { our_mmcli -L | grep -q 'No modems'; }
nothing_left() {
	echo "$(files) files, $(objects) objects, before: $files files, $objects objects"
	[ "$(pid_now)" = "$pid" ] && [ "$(files)" -le "$files" ] && [ "$(objects)" -le "$objects" ]
}
no_ports_left() {
	qmi-proxy status && ! qmi-proxy status | grep -F /dev/cdc-wdm
}

# One kind of question after the other, to one modem after the other, for as long as the file is there.
ask_on() {
	local turn=$1 modem
	while [ -e "$folder/asking" ]; do
		turn=$((turn + 1))
		modem=$((turn * 7 % count))
		case $((turn % 6)) in
		0) our_mmcli -L ;;
		1) our_mmcli -m "$modem" ;;
		2) our_mmcli -m "$modem" -e --timeout=20 ;;
		3) our_mmcli -m "$modem" --create-bearer=apn=internet ;;
		4) our_mmcli -m "$modem" --messaging-list-sms ;;
		5) our_mmcli -m "$modem" --simple-connect=apn=internet --timeout=20 ;;
		esac
		sleep 0.5
	done >/dev/null 2>&1
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
or_end 'our daemon runs as the service' our_daemon
or_end 'it answers' within 30 our_mmcli -L
pid=$(pid_now)
for round in 1 2; do
	touch "$folder/asking"
	asking=()
	for ((client = 0; client < clients; client++)); do
		ask_on $((client * 11)) &
		asking+=($!)
	done
	began=$EPOCHREALTIME
	starts "round $round: $count modems are plugged in" --usb --warm --time-scale 0.1 --count "$count" --control "$control"
	check "round $round: all are known, while $clients clients ask" within 300 known
	echo "# round $round: known after $(seconds_since "$began") s"
	began=$EPOCHREALTIME
	kill "$sim"
	check "round $round: all are gone with their cables" within 120 none
	echo "# round $round: gone after $(seconds_since "$began") s"
	rm "$folder/asking"
	wait "${asking[@]}"
	check "round $round: the kernel has let go of them" within 120 unplugged
	check "round $round: the broker has no port any more" within 60 no_ports_left
	if [ "$round" = 1 ]; then
		# what lasts is there now
		files=$(files) objects=$(objects)
		echo "# $files files, $objects objects, $(memory_kib "$pid") KiB"
	fi
done
check 'nothing is left of them' within 60 nothing_left
echo "# $(memory_kib "$pid") KiB"
end
