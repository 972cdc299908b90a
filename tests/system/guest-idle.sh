#!/bin/bash
#
# In the guest: what sixty idle modems on the kernel's bus cost, with nobody who uses them.

. ./guest-lib.sh

count=60
seconds=30

# The functions below are called by `check`.
# Processor time of qmi-sim so far, in hundredths of a second.
# shellcheck disable=SC2317
ticks() { awk '{ print $14 + $15 }' "/proc/$sim/stat"; }

# shellcheck disable=SC2317
idle() {
	local before
	before=$(ticks)
	sleep "$seconds"
	used=$(awk "BEGIN { printf \"%.2f\", ($(ticks) - $before) / $seconds }")
	echo "# $count idle modems: $used % of one emulated core over $seconds s" >&3
	awk "BEGIN { exit !($used <= 2) }"
}

# shellcheck disable=SC2317
small() {
	local kib
	kib=$(awk '/^Pss:/ { print $2 }' "/proc/$sim/smaps_rollup")
	echo "# $count idle modems: $((kib / count)) KiB each, $kib KiB in all (PSS)" >&3
	[ $((kib / count)) -le 1536 ]
}

exec 3>&1
modprobe -a vhci_hcd qmi_wwan option
systemctl stop ModemManager NetworkManager
starts "qmi-sim plugs $count modems in" --usb --warm --count "$count"
or_end 'the kernel has all their ports' within 180 enumerated "$count"
sleep 5
check 'they take at most 2 % of a core' idle
check 'each takes at most 1.5 MiB' small
kill "$sim"
check 'they are all gone' within 60 unplugged
finish
