#!/bin/bash
#
# In the guest: a second data call on its own network interface, made with our qmicli alone on a stock
# kernel's qmi_wwan: links for two mux ids, QMAP agreed with the modem, two calls with two addresses, both
# used at one time. Each step taken too early or by the wrong hands is refused with what to do.

. ./guest-lib.sh

device=/dev/cdc-wdm0
endpoint='ep-type=hsusb,ep-iface-number=4'
format="link-layer-protocol=raw-ip,ul-protocol=qmap,dl-protocol=qmap,dl-max-datagrams=10"
format+=",dl-datagram-max-size=4096,$endpoint"

# ours ARGUMENT..., theirs ARGUMENT...: the same options to either tool, which takes turns on the port itself.
ours() { qmicli -d "$device" --device-open-direct "$@"; }
theirs() { /usr/bin/qmicli -d "$device" "$@"; }

# The functions below are called by `check`.
# shellcheck disable=SC2317
refuses() {
	local text=$1
	shift
	! "$@" >"$folder/refusal" 2>&1 && cat "$folder/refusal" && grep -F -- "$text" "$folder/refusal" &&
		[ "$(wc -l <"$folder/refusal")" = 1 ]
}

# shellcheck disable=SC2317
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups qmicli -d "$device" "$@"; }

# Both tools print the same, of the same thing.
both_print() {
	local name=$1
	shift
	ours "$@" >"$folder/ours" 2>"$folder/our-warnings"
	theirs "$@" >"$folder/theirs" 2>"$folder/their-warnings"
	same "$name" "$folder/ours" "$folder/theirs"
}

# One of each adds a link, which may differ in its name and mux id alone.
# shellcheck disable=SC2317
both_add() {
	ours --link-add=iface=wwan0,prefix=mux,mux-id=11 >"$folder/ours" &&
		theirs --link-add=iface=wwan0,prefix=mux,mux-id=12 >"$folder/theirs" &&
		diff <(sed 's/qmimux[0-9]*/#/; s/1[12]$/#/' "$folder/ours") \
			<(sed 's/qmimux[0-9]*/#/; s/1[12]$/#/' "$folder/theirs")
}

# Each deletes the link of the other.
# shellcheck disable=SC2317
both_delete() {
	local mine his
	mine=$(sed -n 's/.*iface name: //p' "$folder/ours")
	his=$(sed -n 's/.*iface name: //p' "$folder/theirs")
	ours --link-delete="link-iface=$his" >"$folder/ours" &&
		theirs --link-delete="link-iface=$mine" >"$folder/theirs" &&
		diff "$folder/ours" "$folder/theirs" && [ ! -e "/sys/class/net/$mine" ] &&
		[ ! -e "/sys/class/net/$his" ]
}

# shellcheck disable=SC2317
list_is() { diff <(ours --json --link-list=wwan0) - <<<"$1"; }

# start_call MUX-ID APN: by a client of its own, which stays.
# shellcheck disable=SC2317
start_call() {
	local client
	client=$(ours --wds-noop --client-no-release-cid | sed -n "s/.*CID: '\([0-9]*\)'.*/\1/p") &&
		ours --wds-bind-mux-data-port="mux-id=$1,$endpoint" --wds-set-ip-family=4 \
			--wds-start-network="apn=$2,ip-type=4" --client-cid="$client" \
			--client-no-release-cid >"$folder/started$1" &&
		ours --wds-get-current-settings --client-cid="$client" --client-no-release-cid >"$folder/call$1" &&
		theirs --wds-get-current-settings --client-cid="$client" --client-no-release-cid >"$folder/theirs" &&
		diff "$folder/call$1" "$folder/theirs" && echo "$client" >"$folder/client$1"
}

# setting MUX-ID NAME
setting() { sed -n "s/^ *$2: //p" "$folder/call$1"; }

# shellcheck disable=SC2317
configure() {
	ip link set "$2" up mtu 1400 &&
		ip address add "$(setting "$1" 'IPv4 address')" \
			peer "$(setting "$1" 'IPv4 gateway address')" dev "$2"
}

# shellcheck disable=SC2317
received() { cat "/sys/class/net/$1/statistics/rx_bytes"; }

# Both calls fetch a file at one time: each arrives whole, through its own link.
# shellcheck disable=SC2317
fetch_both() {
	local id failed=0 pids=() before=() after
	for id in 1 2; do before[id]=$(received "qmimux$((id - 1))"); done
	for id in 1 2; do
		http_get "$(setting "$id" 'IPv4 gateway address')" 8084 random >"$folder/fetched$id" &
		pids+=($!)
	done
	for id in "${pids[@]}"; do wait "$id" || failed=1; done
	for id in 1 2; do
		cmp "$folder/fetched$id" /run/www-links/random || failed=1
		after=$(received "qmimux$((id - 1))")
		echo "mux id $id: $((after - before[id])) bytes"
		[ $((after - before[id])) -ge 3000000 ] && [ $((after - before[id])) -lt 4000000 ] || failed=1
	done
	return "$failed"
}

# shellcheck disable=SC2317
different_addresses() { [ "$(setting 1 'IPv4 address')" != "$(setting 2 'IPv4 address')" ]; }

# shellcheck disable=SC2317
stop_call() {
	local handle
	handle=$(sed -n "s/.*Packet data handle: '\([0-9]*\)'.*/\1/p" "$folder/started$1") &&
		ours --wds-stop-network="$handle" --client-cid="$(cat "$folder/client$1")" | grep 'Network stopped'
}

# shellcheck disable=SC2317
add_many() {
	local id
	for id in {3..200}; do echo "$id" >/sys/class/net/wwan0/qmi/add_mux || return; done
}

# shellcheck disable=SC2317
count_is() {
	[ "$(ours --link-list=wwan0 | head -n 1)" = "[$device] found $1 links$([ "$1" = 0 ] || echo :)" ]
}

modprobe -a vhci_hcd qmi_wwan option dummy
systemctl stop ModemManager NetworkManager
mkdir -p /run/www-links
head -c 3000000 /dev/urandom >/run/www-links/random
serve 127.0.0.1:8084 /run/www-links
starts 'qmi-sim plugs a modem in' --usb --warm
or_end 'its QMI port is there' within 30 test -c "$device"
or_end 'its network interface is there' within 10 test -d /sys/class/net/wwan0

both_print 'both name the interface' -w
both_print 'both see 802.3' -e
check 'links without raw IP are refused' refuses 'set raw-ip with --set-expected-data-format' \
	ours --link-add=iface=wwan0,prefix=mux,mux-id=1
ip link set wwan0 up
check 'raw IP is refused while the interface is up' refuses 'take it down' ours -E raw-ip
ip link set wwan0 down
check 'raw IP is refused to nobody' refuses 'run it as root' as_nobody -E raw-ip
check 'raw IP is set' diff <(ours -E raw-ip) - <<<"[$device] expected data format set to: raw-ip"
both_print 'both see raw IP' --get-expected-data-format
both_print 'both set it again' --set-expected-data-format=raw-ip

both_print 'both list no links' --link-list=wwan0
check 'both add a link' both_add
check 'both delete a link' both_delete
or_end 'a link for mux id 1' ours --link-add=iface=wwan0,prefix=mux,mux-id=1
or_end 'a link for the next mux id' ours --link-add=iface=wwan0,prefix=mux
check 'both are listed' \
	list_is '{"links":[{"interface":"qmimux0","mux-id":1},{"interface":"qmimux1","mux-id":2}]}'
check 'a mux id in use is refused' refuses 'the mux id or the name is taken' \
	ours --link-add=iface=wwan0,mux-id=2
check 'a mux id that is none is refused' refuses 'mux id 255 out of range [1,254]' \
	ours --link-add=iface=wwan0,mux-id=255
check 'an interface outside of sysfs is refused' refuses 'no interface can have that name' \
	qmicli -d /dev/null --link-add=iface=../../tmp,mux-id=3
check "another modem's interface is refused" refuses 'is wwan0' ours --link-add=iface=eth0,mux-id=3
check 'links are refused to nobody' refuses 'run it as root' as_nobody --link-add=iface=wwan0,mux-id=3
check 'an interface that is no link is not deleted' refuses '--link-list shows the links' \
	ours --link-delete=link-iface=lo
ip link add dummy0 type dummy
check 'where there is no rmnet driver that is said' refuses 'rmnet' \
	qmicli -d /dev/null --link-add=iface=dummy0,prefix=data,mux-id=1
check 'nothing but a link of rmnet is deleted where -d has no interface' refuses 'no such link' \
	qmicli -d /dev/null --link-delete=link-iface=dummy0

both_print 'both agree on QMAP with the modem' --wda-set-data-format="$format"
both_print 'both see QMAP' --wda-get-data-format
ip link set wwan0 up
for id in 1 2; do
	or_end "a call starts on mux id $id" start_call "$id" "apn$id"
	or_end "its interface is set up" configure "$id" "qmimux$((id - 1))"
	check 'its gateway answers pings' ping -c 3 -i 0.2 -W 5 -I "qmimux$((id - 1))" \
		"$(setting "$id" 'IPv4 gateway address')"
done
check 'their addresses differ' different_addresses
check '3 MB arrive unharmed by each at one time, through its own link' fetch_both
for id in 1 2; do check "the call on mux id $id stops" stop_call "$id"; done

check 'a link is deleted' ours --link-delete=link-iface=qmimux0
check 'the other one is left' list_is '{"links":[{"interface":"qmimux1","mux-id":2}]}'
or_end 'links for 198 more mux ids' add_many
check 'all of them are listed' count_is 199
check 'the first that is free is taken next' diff <(ours --link-add=iface=wwan0 | tail -n 1) - <<<'  mux-id:     1'
check 'all are deleted' diff <(ours --link-delete-all=wwan0) - <<<"[$device] all links successfully deleted"
check 'none is left' count_is 0
both_print 'both delete none' --link-delete-all=wwan0
check 'the drivers have nothing to complain of' no_complaint
kill "$sim"
check 'the modem leaves' within 10 unplugged
check 'an interface that left is told of' refuses 'there is no such interface' \
	qmicli -d "$device" --link-list=wwan0
finish
