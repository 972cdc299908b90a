#!/bin/bash
#
# In the guest: thirty modems at once under Debian's ModemManager, and what that costs.

. ./guest-lib.sh

count=30

# The functions below are called by `check`.
# in_state STATE...: all modems are in one of these states.
# shellcheck disable=SC2317
in_state() {
	local states
	states=$(mmcli -L | sed -n 's,.*/Modem/\([0-9]*\) .*,\1,p' | while read -r index; do
		mmcli -K -m "$index" | sed -n 's/^modem.generic.state *: //p'
	done | grep -cxE "$(IFS='|'; echo "$*")")
	echo "$states of $count"
	[ "$states" = "$count" ]
}

# shellcheck disable=SC2317
different() {
	mmcli -L | sed -n 's,.*/Modem/\([0-9]*\) .*,\1,p' | while read -r index; do
		mmcli -K -m "$index" | sed -n 's/^modem.3gpp.imei *: //p'
	done | sort -u | wc -l | grep -x "$count"
}

# All at one time; the processes are named, since a bare `wait` would wait for qmi-sim too.
enable_all() {
	local index enabling=()
	for index in $(mmcli -L | sed -n 's,.*/Modem/\([0-9]*\) .*,\1,p'); do
		mmcli -m "$index" -e --timeout=120 >>"$folder/enabled" 2>&1 &
		enabling+=($!)
	done
	wait "${enabling[@]}"
}

memory_kib() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
check 'ModemManager starts' systemctl start ModemManager
began=$EPOCHREALTIME
starts "qmi-sim plugs $count modems in" --usb --time-scale 0.1 --count "$count"
or_end 'the kernel has all their ports' within 120 enumerated "$count"
echo "# enumerated after $(seconds_since "$began") s"
managed=$EPOCHREALTIME
or_end 'ModemManager has them all initialised' within 300 in_state disabled
echo "# initialised $(seconds_since "$managed") s after the enumeration"
check 'each has an IMEI of its own' different
enable_all
check 'all are registered' within 300 in_state registered
echo "# registered $(seconds_since "$managed") s after the enumeration"
echo "# ModemManager $(memory_kib "$(pidof ModemManager)") KiB, qmi-proxy $(memory_kib "$(pidof qmi-proxy)") KiB (PSS)"
echo "# qmi-sim $(memory_kib "$sim") KiB for $count modems"
kill "$sim"
check 'they are all gone' within 60 unplugged
end
