#!/bin/bash
#
# In the guest: Debian's ModemManager takes the virtual modem for a real one, from the plug to a
# download through its data path.

. ./guest-lib.sh

control=/run/qmi-sim.sock

# The functions below are called by `check`.
# shellcheck disable=SC2317
modem_path() { mmcli -L | sed -n 's,^ *\(/org/freedesktop/ModemManager1/Modem/[0-9]*\) .*,\1,p' | head -n 1; }

# shellcheck disable=SC2317
found() { modem=$(modem_path) && [ -n "$modem" ]; }

# value KEY [OBJECT...]: what mmcli says of it, by default of the modem.
# shellcheck disable=SC2317
value() {
	local key=$1
	shift
	[ $# != 0 ] || set -- -m "$modem"
	mmcli -K "$@" | sed -n "s/^${key//./\\.} *: //p"
}

# shellcheck disable=SC2317
is() { [ "$(value "$1")" = "$2" ] || { echo "$1 is '$(value "$1")'"; return 1; }; }

# shellcheck disable=SC2317
ports_are() {
	mmcli -K -m "$modem" | sed -n 's/^modem\.generic\.ports\.value\[.*: //p' | sort >"$folder/ports"
	printf '%s\n' 'cdc-wdm0 (qmi)' 'ttyUSB0 (qcdm)' 'ttyUSB1 (gps)' 'ttyUSB2 (at)' 'ttyUSB3 (at)' \
		'wwan0 (net)' | diff - "$folder/ports"
}

# What the bearer says becomes the interface's configuration, as a script of an administrator does it.
# shellcheck disable=SC2317
configure_interface() {
	local bearer address prefix mtu interface
	bearer=$(value 'modem.generic.bearers.value[1]')
	interface=$(value bearer.status.interface -b "$bearer")
	address=$(value bearer.ipv4-config.address -b "$bearer")
	prefix=$(value bearer.ipv4-config.prefix -b "$bearer")
	mtu=$(value bearer.ipv4-config.mtu -b "$bearer")
	gateway=$(value bearer.ipv4-config.gateway -b "$bearer")
	mmcli -b "$bearer"
	ip link set "$interface" up mtu "$mtu" && ip address replace "$address/$prefix" dev "$interface"
}

# shellcheck disable=SC2317
fetches() {
	busybox wget -q -T 60 -O "$folder/fetched" "http://$gateway:8080/random" &&
		cmp "$folder/fetched" /run/www/random
}

serve() {
	mkdir -p /run/www
	head -c 10000000 /dev/urandom >/run/www/random
	busybox httpd -p 127.0.0.1:8080 -h /run/www
}

seconds_since() { awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $1 }"; }

test_plug() {
	local began
	modprobe -a vhci_hcd qmi_wwan option
	check 'ModemManager starts' systemctl start ModemManager
	began=$EPOCHREALTIME
	starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
	check 'ModemManager finds the modem' within 60 found
	found
	check 'it gets as far as disabled' within 60 is modem.generic.state disabled
	echo "# disabled $(seconds_since "$began") s after the start of qmi-sim"
	check 'by the plugin for Quectel' is modem.generic.plugin quectel
	check 'it sees the ports of an EC25' ports_are
	check 'enabling works' mmcli -m "$modem" -e
	check 'it is registered' within 60 is modem.generic.state registered
	echo "# registered $(seconds_since "$began") s after the start of qmi-sim"
}

test_connect() {
	check 'simple-connect connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'the state is connected' is modem.generic.state connected
	check 'the bearer configures the interface' configure_interface
	configure_interface >/dev/null
	check 'the gateway answers a ping' ping -c 3 -i 0.2 -W 5 "$gateway"
	serve
	check '10 MB arrive unharmed through wwan0' fetches
}

test_plug
test_connect
[ "$failures" = 0 ] || journalctl -u ModemManager --no-pager | tail -n 80 | sed 's/^/# /'
finish
