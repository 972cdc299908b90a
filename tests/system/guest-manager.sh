#!/bin/bash
#
# In the guest: Debian's ModemManager takes the virtual modem for a real one, from the plug to a
# download through its data path, with messages, calls and a position.

. ./guest-lib.sh

# The functions below are called by `check`.
# shellcheck disable=SC2317
ports_are() {
	mmcli -K -m "$modem" | sed -n 's/^modem\.generic\.ports\.value\[.*: //p' | sort >"$folder/ports"
	printf '%s\n' 'cdc-wdm0 (qmi)' 'ttyUSB0 (qcdm)' 'ttyUSB1 (gps)' 'ttyUSB2 (at)' 'ttyUSB3 (at)' \
		'wwan0 (net)' | diff - "$folder/ports"
}

# shellcheck disable=SC2317
listed_by_lsusb() { lsusb -d 2c7c:0125 | grep -F 'Quectel'; }

# What the bearer says becomes the interface's configuration, as a script of an administrator does it.
# shellcheck disable=SC2317
configure_interface() {
	local address prefix mtu interface
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
	http_get "$gateway" 8080 random >"$folder/fetched" &&
		cmp "$folder/fetched" /run/www/random
}

serve_random() {
	mkdir -p /run/www
	head -c 10000000 /dev/urandom >/run/www/random
	serve 127.0.0.1:8080 /run/www
}

test_plug() {
	local began=$EPOCHREALTIME
	# whoever calls it is patient, even where the guest is slow
	echo '{"base": "ec25-eux", "name": "patient", "voice": {"give-up-usec": 600000000}}' >"$folder/patient.json"
	starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control" --profile "$folder/patient.json"
	or_end 'ModemManager finds the modem' within 60 find_modem
	find_modem
	or_end 'it gets as far as disabled' within 60 is modem.generic.state disabled
	echo "# disabled $(seconds_since "$began") s after the start of qmi-sim"
	check 'lsusb knows it' listed_by_lsusb
	check 'it is driven by the plugin for Quectel' is modem.generic.plugin quectel
	check 'it has the ports of an EC25' ports_are
	check 'it is enabled' mmcli -m "$modem" -e
	or_end 'it is registered' within 60 is modem.generic.state registered
	echo "# registered $(seconds_since "$began") s after the start of qmi-sim"
}

# shellcheck disable=SC2317
raw_ip() { [ "$(cat /sys/class/net/wwan0/qmi/raw_ip)" = Y ]; }

test_connect() {
	or_end 'simple-connect connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'the state is connected' is modem.generic.state connected
	check 'the interface is in raw-IP mode' raw_ip
	check 'the bearer configures the interface' configure_interface
	configure_interface >"$folder/bearer"
	check 'the gateway answers a ping' ping -c 3 -i 0.2 -W 5 "$gateway"
	serve_random
	check '10 MB arrive unharmed through wwan0' fetches
	check 'it disconnects' mmcli -m "$modem" --simple-disconnect
	check 'it is registered again' within 20 is modem.generic.state registered
}

# shellcheck disable=SC2317
message_arrived() {
	message=$(mmcli -m "$modem" --messaging-list-sms | sed -n 's,.*\(/org[^ ]*\) (received).*,\1,p')
	[ -n "$message" ]
}

# shellcheck disable=SC2317
sends_message() {
	local path
	path=$(mmcli -m "$modem" --messaging-create-sms="text='out it goes',number='+99970222'" |
		sed -n 's,.*\(/org/[^ ]*\).*,\1,p')
	mmcli -s "$path" --send
}

# watching EVENT COMMAND...: the command makes the control socket tell of the event.
# shellcheck disable=SC2317
watching() {
	local event=$1 watcher
	shift
	ctl watch --until "$event" --timeout 30 >"$folder/events" &
	watcher=$!
	sleep 0.5
	"$@" && wait "$watcher" && cat "$folder/events"
}

test_messages() {
	check 'a message is sent to the modem' ctl sms --from +99970111 --text 'Grüße from afar'
	check 'mmcli lists it' within 20 message_arrived
	message_arrived
	check 'mmcli reads it' within 20 is sms.content.text 'Gr\303\274\303\237e from afar' -s "$message"
	check 'mmcli says who sent it' is sms.content.number +99970111 -s "$message"
	check 'a message that mmcli sends arrives at the control socket' watching sms-sent sends_message
	check 'unharmed' grep -F 'out it goes' "$folder/events"
}

# shellcheck disable=SC2317
call_is() {
	call=$(mmcli -m "$modem" --voice-list-calls | sed -n 's,.*\(/org[^ ]*\) .*,\1,p' | head -n 1)
	[ -n "$call" ] && is call.properties.state "$1" -o "$call"
}

# shellcheck disable=SC2317
dials() {
	call=$(mmcli -m "$modem" --voice-create-call=number=+99970333 | sed -n 's,.*\(/org/[^ ]*\).*,\1,p')
	mmcli -o "$call" --start
}

# shellcheck disable=SC2317
dialled_call_is() { is call.properties.state "$1" -o "$call"; }

test_calls() {
	check 'somebody calls the modem' ctl call --from +99970444
	check 'mmcli shows the call ringing' within 20 call_is ringing-in
	call_is ringing-in
	check 'with its number' is call.properties.number +99970444 -o "$call"
	check 'mmcli takes it' mmcli -o "$call" --accept
	check 'it is active' within 20 dialled_call_is active
	check 'mmcli hangs up' mmcli -o "$call" --hangup
	check 'it is over' within 20 dialled_call_is terminated
	mmcli -m "$modem" --voice-delete-call="$call" >"$folder/deleted"
	check 'a call that mmcli dials is seen at the control socket' watching call dials
	check 'with its number' grep -F +99970333 "$folder/events"
	check 'the other side answers' within 20 call_is active
	call_is active
	check 'and hangs up' ctl call-remote hang-up
	check 'that call is over, too' within 20 dialled_call_is terminated
}

# shellcheck disable=SC2317
has_fix() {
	local latitude longitude
	latitude=$(value modem.location.gps.latitude --location-get -m "$modem")
	longitude=$(value modem.location.gps.longitude --location-get -m "$modem")
	[ -n "$longitude" ] && [ "$latitude" != -- ] && position="$latitude $longitude"
}

# shellcheck disable=SC2317
moved() { has_fix && [ "$position" != "$first_position" ]; }

test_location() {
	check 'mmcli starts the GNSS' mmcli -m "$modem" --location-enable-gps-raw --location-enable-gps-nmea
	check 'mmcli sets the refresh rate' mmcli -m "$modem" --location-set-gps-refresh-rate=1
	check 'it has a fix' within 60 has_fix
	has_fix
	first_position=$position
	check 'and moves' within 30 moved
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
check 'ModemManager starts' systemctl start ModemManager
test_plug
test_connect
test_messages
test_calls
test_location
kill "$sim"
check 'ModemManager lets it go' within 20 eval '! find_modem'
check 'the kernel has no complaint' no_complaint
end
