#!/bin/bash
#
# In the guest: Debian's ModemManager and both qmicli share a modem on the bus through our qmi-proxy, which
# stands where Debian's did; it is killed under a call; who may connect.

. ./guest-lib.sh

group=4711 member=4712

# The functions below are called by `check`.
# shellcheck disable=SC2317
takes_its_place() {
	mv /usr/libexec/qmi-proxy /usr/libexec/qmi-proxy.debian &&
		ln -s "$(command -v qmi-proxy)" /usr/libexec/qmi-proxy
}

broker() { qmi-proxy status | sed -n 's/.*, pid \([0-9]*\),.*/\1/p'; }

# shellcheck disable=SC2317
holds() {
	qmi-proxy status
	qmi-proxy status | grep -F "$1"
}

# No program but the broker has the port.
# shellcheck disable=SC2317
alone_on_the_port() {
	local users
	users=$(find /proc/[0-9]*/fd -lname /dev/cdc-wdm0 2>/dev/null | cut -d/ -f3 | sort -u)
	echo "on the port: $users, the broker: $(broker)"
	[ "$users" = "$(broker)" ]
}

# shellcheck disable=SC2317
# The modem's data calls: which, and that they are up.
# shellcheck disable=SC2317
calls() { ctl status | grep -oE '"state": ?"up"|"handle": ?[0-9]+'; }

beside() {
	local command
	for command in dms-get-model nas-get-signal-info uim-get-card-status wds-get-packet-service-status; do
		qmicli -d /dev/cdc-wdm0 "--$command" >"$folder/ours" 2>"$folder/warnings"
		/usr/bin/qmicli -p -d /dev/cdc-wdm0 "--$command" >"$folder/theirs" 2>"$folder/warnings"
		same "beside ModemManager: --$command is the same from both" "$folder/theirs" "$folder/ours"
	done
}

# shellcheck disable=SC2317
none_is_left_of_them() {
	qmi-proxy status
	! qmi-proxy status | grep -E '^ +[a-z0-9]+ +[0-9]+ +orphan'
}

# shellcheck disable=SC2317
is_debians() { [ "$(readlink "/proc/$(systemctl show -P MainPID ModemManager)/exe")" = /usr/sbin/ModemManager ]; }

# shellcheck disable=SC2317
usable() { find_modem && mmcli -m "$modem" -e && within 10 is modem.generic.state registered; }

test_manager() {
	starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
	or_end 'ModemManager finds the modem' within 90 usable
	find_modem
	check 'through our broker' holds ModemManager
	check 'which alone has the port' alone_on_the_port
	or_end 'simple-connect connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'the state is connected' is modem.generic.state connected
	beside
	check 'their ids are given back' within 10 none_is_left_of_them
	check 'ModemManager is still connected' is modem.generic.state connected
}

test_kill() {
	local before
	before=$(broker)
	calls >"$folder/before"
	kill -9 "$before"
	sleep 1
	calls >"$folder/after"
	same 'the call outlives a broker that is killed' "$folder/before" "$folder/after"
	check 'another broker follows' within 90 eval "usable && [ \"\$(broker)\" != '$before' ]"
	find_modem
	check 'the modem connects again' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'it disconnects' mmcli -m "$modem" --simple-disconnect
}

# as GROUP COMMAND...: as a plain user of that group.
# shellcheck disable=SC2317
as() {
	local groups=$1
	shift
	setpriv --reuid="$member" --regid="$member" --groups="$groups" --inh-caps=-all "$@"
}

# shellcheck disable=SC2317
is_another() { find_modem && [ "$modem" != "$1" ]; }

test_crash() {
	local before=$modem
	check 'the firmware crashes' ctl crash
	check 'ModemManager has another modem then' within 90 is_another "$before"
	check 'which is usable' within 60 usable
	find_modem
	check 'through the same broker' alone_on_the_port
	check 'and connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
}

test_credentials() {
	systemctl stop ModemManager
	check 'the broker goes with ModemManager' within 20 eval '! qmi-proxy status'
	qmi-proxy --no-exit --group=$group 2>"$folder/broker.log" &
	broker=$!
	check 'a broker with a group starts' within 10 qmi-proxy status
	check 'a member of the group is let in' as $group qmicli -p -d /dev/cdc-wdm0 --dms-get-model
	check 'also the other qmicli of one' as $group /usr/bin/qmicli -p -d /dev/cdc-wdm0 --dms-get-model
	check 'somebody else is not' eval "! as $member qmicli -p -d /dev/cdc-wdm0 --dms-get-model"
	check 'and the broker says so' grep -F 'refused' "$folder/broker.log"
	check 'nor is a member to what is no modem' eval "! as $group qmicli -p -d /dev/ttyUSB2 --dms-get-model"
	kill $broker
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
or_end 'our broker takes the place of Debian'"'"'s' takes_its_place
check 'ModemManager starts' systemctl start ModemManager
or_end "it is Debian's" is_debians
test_manager
test_kill
test_crash
test_credentials
check "Debian's is back" mv -f /usr/libexec/qmi-proxy.debian /usr/libexec/qmi-proxy
kill "$sim"
check 'the kernel has no complaint' no_complaint
end
