#!/bin/bash
#
# In the guest: how fast packets pass the virtual modem on the kernel's bus. Debian's qmicli starts the
# call; a server on this machine's loopback is fetched from through wwan0, and directly beside it.

. ./guest-lib.sh

# The functions below are called by `check`.
# shellcheck disable=SC2317
start_call() {
	/usr/bin/qmicli -d /dev/cdc-wdm0 --wds-start-network='apn=internet,ip-type=4' --client-no-release-cid &&
		/usr/bin/qmicli -d /dev/cdc-wdm0 --wds-get-current-settings >"$folder/settings"
}

setting() { sed -n "s/^ *$1: //p" "$folder/settings"; }

# shellcheck disable=SC2317
configure() {
	ip link set wwan0 down &&
		echo Y >/sys/class/net/wwan0/qmi/raw_ip &&
		ip link set wwan0 up mtu "$(setting MTU)" &&
		ip address add "$(setting 'IPv4 address')" peer "$(setting 'IPv4 gateway address')" dev wwan0
}

# fetch NAME HOST SIZE: fetches a file and shows the rate in Mbit/s.
# shellcheck disable=SC2317
fetch() {
	local began=$EPOCHREALTIME
	http_get "$2" 8082 "$3" >"$folder/fetched" && rate "$1" "$3" "$began" &&
		cmp "$folder/fetched" "/run/www-speed/$3"
}

# shellcheck disable=SC2317
rate() {
	awk "BEGIN { printf \"# %s: %.1f Mbit/s\\n\", \"$1\", $2 * 8e-6 / ($EPOCHREALTIME - $3) }" >&3
}

modprobe -a vhci_hcd qmi_wwan option
systemctl stop ModemManager NetworkManager
mkdir -p /run/www-speed
for size in 10000000 100000000; do head -c "$size" /dev/urandom >"/run/www-speed/$size"; done
serve 127.0.0.1:8082 /run/www-speed
exec 3>&1
starts 'qmi-sim plugs a modem in' --usb --warm
or_end 'its QMI port is there' within 30 test -c /dev/cdc-wdm0
or_end 'Debian'\''s qmicli starts a call' within 30 start_call
or_end 'wwan0 is set up' configure
gateway=$(setting 'IPv4 gateway address')
check 'the gateway answers pings' ping -c 5 -i 0.2 -W 5 "$gateway"
ping -c 20 -i 0.05 -q "$gateway" | sed -n 's/^rtt/# ping/p'
for size in 10000000 100000000; do
	check "$((size / 1000000)) MB arrive unharmed" fetch "wwan0, $((size / 1000000)) MB" "$gateway" "$size"
done
check '100 MB come over loopback' fetch 'loopback itself, 100 MB' 127.0.0.1 100000000
ip -s link show wwan0 | sed 's/^/# /'
awk '{ printf "# qmi-sim took %.1f s of processor time\n", ($14 + $15) / 100 }' "/proc/$sim/stat"
check 'the drivers have nothing to complain of' no_complaint
kill "$sim"
finish
