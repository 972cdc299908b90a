#!/bin/bash
#
# In the guest: two data calls at one time on the network interface of one modem, told apart by QMAP, as
# the kernel's qmi_wwan packs and unpacks it. Debian's qmicli starts them.

. ./guest-lib.sh

# shellcheck disable=SC2317  # called by functions that `check` calls
qmicli() { /usr/bin/qmicli -d /dev/cdc-wdm0 "$@"; }

# The functions below are called by `check`.
# shellcheck disable=SC2317
make_interfaces() {
	ip link set wwan0 down &&
		echo Y >/sys/class/net/wwan0/qmi/raw_ip &&
		echo 1 >/sys/class/net/wwan0/qmi/add_mux &&
		echo 2 >/sys/class/net/wwan0/qmi/add_mux &&
		ip link set wwan0 up
}

format='link-layer-protocol=raw-ip,ul-protocol=qmap,dl-protocol=qmap,dl-max-datagrams=32'
format+=',dl-datagram-max-size=4096,ep-type=hsusb,ep-iface-number=4'

# shellcheck disable=SC2317
agree() { qmicli --wda-set-data-format="$format" | grep -F "Downlink data aggregation protocol: 'qmap'"; }

# start_call MUX-ID APN: leaves what the call is like in a file.
# shellcheck disable=SC2317
start_call() {
	local client
	client=$(qmicli --wds-noop --client-no-release-cid | sed -n "s/.*CID: '\([0-9]*\)'.*/\1/p") &&
		qmicli --wds-bind-mux-data-port="mux-id=$1,ep-type=hsusb,ep-iface-number=4" \
			--client-cid="$client" --client-no-release-cid &&
		qmicli --wds-start-network="apn=$2,ip-type=4" --client-cid="$client" --client-no-release-cid &&
		qmicli --wds-get-current-settings --client-cid="$client" --client-no-release-cid >"$folder/call$1"
}

# setting MUX-ID NAME
setting() { sed -n "s/^ *$2: //p" "$folder/call$1"; }

# configure MUX-ID INTERFACE: transfers to this kernel have 1500 bytes at most, and QMAP takes some of them.
# shellcheck disable=SC2317
configure() {
	ip link set "$2" up mtu 1400 &&
		ip address add "$(setting "$1" 'IPv4 address')" \
			peer "$(setting "$1" 'IPv4 gateway address')" dev "$2"
}

# shellcheck disable=SC2317
fetch_both() {
	local id failed=0 pids=()
	for id in 1 2; do
		http_get "$(setting "$id" 'IPv4 gateway address')" 8083 random >"$folder/fetched$id" &
		pids+=($!)
	done
	for id in "${pids[@]}"; do wait "$id" || failed=1; done
	cmp "$folder/fetched1" /run/www-mux/random && cmp "$folder/fetched2" /run/www-mux/random || failed=1
	return "$failed"
}

modprobe -a vhci_hcd qmi_wwan option
systemctl stop ModemManager NetworkManager
mkdir -p /run/www-mux
head -c 10000000 /dev/urandom >/run/www-mux/random
serve 127.0.0.1:8083 /run/www-mux
starts 'qmi-sim plugs a modem in' --usb --warm
or_end 'its QMI port is there' within 30 test -c /dev/cdc-wdm0
or_end 'qmi_wwan makes two interfaces for mux ids' make_interfaces
or_end 'the modem agrees to QMAP' agree
for id in 1 2; do
	or_end "a call starts on mux id $id" start_call "$id" "apn$id"
	or_end "its interface is set up" configure "$id" "qmimux$((id - 1))"
	check 'its gateway answers pings' ping -c 3 -i 0.2 -W 5 "$(setting "$id" 'IPv4 gateway address')"
done
began=$EPOCHREALTIME
check '10 MB arrive unharmed by each at one time' fetch_both
awk "BEGIN { printf \"# both: %.1f Mbit/s\\n\", 160 / ($EPOCHREALTIME - $began) }"
check 'the drivers have nothing to complain of' no_complaint
kill "$sim"
finish
