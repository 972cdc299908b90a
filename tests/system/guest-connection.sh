#!/bin/bash
#
# In the guest: a gsm connection of Debian's NetworkManager on our daemon, by IPv4, by IPv6 and by both, and through
# what happens to modems and daemons: each time NetworkManager is connected again by itself and data arrives unharmed.
# A program on libmm-glib follows all of it.

# The functions below are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

www=/run/www-connection

device_state() { nmcli -t -f DEVICE,STATE,CONNECTION device | grep '^cdc-wdm'; }

# is_up FAMILY...: NetworkManager is connected, with these families.
is_up() {
	local family
	device_state | grep -q ':connected:cellular$' || { device_state; return 1; }
	for family in "$@"; do [ -n "$(gateway "$family")" ] || return; done
}

is_down() { ! is_up 4; }

# gateway 4|6
gateway() { nmcli -e no -g "IP$1.GATEWAY" device show "$(device_state | cut -d: -f1)"; }

# arrives FILE FAMILY
arrives() {
	local from
	from=$(gateway "$2")
	[ -n "$from" ] || { echo "no gateway for IPv$2"; return 1; }
	http_get "$from" 8082 "$1" >"$folder/fetched" && cmp "$folder/fetched" "$www/$1"
}

# back_after NAME COMMAND...: what the command does ends the connection, or not; it is there again.
back_after() {
	local name=$1 began
	shift
	check "$name" "$@"
	began=$EPOCHREALTIME
	check "$name: NetworkManager is connected again" within 150 is_up 4
	echo "# $name: connected again $(seconds_since "$began") s later"
	check "$name: data arrives" within 20 arrives small 4
}

# away SECONDS COMMAND...: the command ends the connection, for so long at least.
away() {
	"${@:2}" && within 60 is_down && sleep "$1"
}

crash() { ctl crash 3000 && within 60 is_down; }

lose_card() { away 2 ctl card-remove; }

radio_off() { away 1 nmcli radio wwan off; }

restart_daemon() { away 0 systemctl restart ModemManager; }

kill_daemon() { away 0 systemctl kill -s KILL ModemManager; }

stays_up() {
	local end=$((SECONDS + 4))
	while [ "$SECONDS" -lt "$end" ]; do is_up 4 && sleep 0.5 || return; done
}

# with FAMILIES METHOD4 METHOD6: the connection made anew.
with() {
	nmcli connection down cellular
	nmcli connection modify cellular ipv4.method "$1" ipv6.method "$2" && nmcli connection up cellular
}

# lacks FAMILY OTHER: it is connected by the other alone.
lacks() { is_up "$2" && [ -z "$(gateway "$1")" ]; }

followed() { grep -q "$1" "$folder/follow" || { tail -n 40 "$folder/follow"; return 1; }; }

units=(NetworkManager ModemManager)
modprobe -a vhci_hcd qmi_wwan option
mkdir -p "$www"
head -c 10000000 /dev/urandom >"$www/big"
head -c 200000 /dev/urandom >"$www/small"
serve 127.0.0.1:8082 "$www"
busybox httpd -f -p '[::1]:8082' -h "$www" &
servers+=($!)
trap 'kill "${servers[@]}" 2>/dev/null; remove_daemon' EXIT
or_end 'our daemon runs as the service' our_daemon
python3 follow.py >"$folder/follow" 2>&1 &
servers+=($!)
check 'a program on libmm-glib follows it' within 60 followed '^ready'
check 'NetworkManager starts' systemctl start NetworkManager
check 'it takes a gsm connection' nmcli connection add type gsm con-name cellular ifname '*' apn internet \
	ipv4.method auto ipv6.method auto connection.autoconnect yes connection.autoconnect-retries 0
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
or_end 'NetworkManager connects by itself, by IPv4 and IPv6' within 120 is_up 4 6
check '10 MB arrive by IPv4' arrives big 4
check 'data arrives by IPv6' arrives small 6
check 'it is made anew, by IPv4 alone' with auto disabled
check 'it has no IPv6' lacks 6 4
check 'data arrives by IPv4' arrives small 4
check 'it is made anew, by IPv6 alone' with disabled auto
check 'it has no IPv4' within 20 lacks 4 6
check 'data arrives by IPv6 alone' arrives small 6
check 'it is made anew, by both' with auto auto
back_after 'the modem crashes' crash
check 'the card is taken out' lose_card
back_after 'the card is put in' ctl card-insert
check 'the radio is turned off' radio_off
back_after 'the radio is turned on' nmcli radio wwan on
back_after 'the daemon is started again' restart_daemon
back_after 'the daemon is killed' kill_daemon
back_after 'the broker is started again' systemctl restart qmi-proxy.service
check 'the broker is killed' systemctl kill -s KILL qmi-proxy.service
check 'NetworkManager stays connected' stays_up
check 'the broker is killed: data arrives' arrives small 4
check 'the program saw the modem' followed '^modem .* QUECTEL'
check 'the program saw it connected' followed '^state .* connecting connected user-requested'
check 'the program saw it go' followed '^gone'
nmcli connection delete cellular >"$folder/deleted"
kill "$sim"
end
