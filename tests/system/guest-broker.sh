#!/bin/bash
#
# In the guest: qmi-proxy under systemd, with its own units. It is started by a socket, killed under a data
# call, and used from another network namespace.

. ./guest-lib.sh

control=$folder/control
port=/dev/cdc-wdm0

# The functions below are called by `check`.
# shellcheck disable=SC2317
ctl() { qmi-sim ctl "$control" "$@"; }

pid() { systemctl show -P MainPID qmi-proxy.service; }

# shellcheck disable=SC2317
is_active() { systemctl is-active qmi-proxy.service; }

# shellcheck disable=SC2317
model() { "$@" -d "$port" -p --dms-get-model | grep -F "Model: 'QUECTEL Mobile Broadband Module'"; }

# shellcheck disable=SC2317
keeps() { [ "$(systemctl show -P NFileDescriptorStore qmi-proxy.service)" = "$1" ]; }

# shellcheck disable=SC2317
another() { [ "$(pid)" != 0 ] && [ "$(pid)" != "$killed" ] && is_active; }

# `kill -9 0` would be the end of the whole run.
# shellcheck disable=SC2317
kill_it() { [ "$killed" != 0 ] && kill -9 "$killed"; }

# shellcheck disable=SC2317
has_call() { ctl status | grep -E '"state": ?"up"'; }

# The WDS id is an orphan that has or had a call.
# shellcheck disable=SC2317
has_orphan() {
	qmi-proxy status
	qmi-proxy status | grep -E "^ +wds +$cid +orphan .* (up|unsure) "
}

test_start() {
	or_end 'the sockets are made' systemctl start qmi-proxy.socket
	check 'no broker runs yet' eval '! is_active'
	check "Debian's qmicli starts it" model /usr/bin/qmicli
	check 'it is the one of systemd' is_active
	check 'ours goes through it' model qmicli
	check 'nothing of it is left' eval 'qmi-proxy status --json | grep -E "\"devices\": \[\]"'
	check 'a namespace without its abstract socket' ip netns add other
	check 'reaches it by the folder' model ip netns exec other "$(command -v qmicli)"
}

test_kill() {
	check 'a call is started' eval "/usr/bin/qmicli -d $port -p --wds-start-network=apn=internet \
		--client-no-release-cid >'$folder/started'"
	cid=$(sed -n "s/.*CID: '\([0-9]*\)'.*/\1/p" "$folder/started")
	handle=$(sed -n "s/.*Packet data handle: '\([0-9]*\)'.*/\1/p" "$folder/started")
	check 'its id is an orphan that stays' has_orphan
	check 'systemd keeps the port' keeps 1
	killed=$(pid) since=$EPOCHREALTIME
	check 'it is killed' kill_it
	check 'the next client is served at once' model qmicli
	echo "# after $(seconds_since "$since") s"
	check 'by another broker' another
	check 'the call is up' has_call
	check 'with its id' has_orphan
	check 'the one that follows has the port' test -n \
		"$(find "/proc/$(pid)/fd" -lname "*${port##*/}" 2>/dev/null)"
	check 'and systemd keeps it still' keeps 1
	check 'the call is stopped by its id and handle' /usr/bin/qmicli -d "$port" -p \
		"--wds-stop-network=$handle" "--client-cid=$cid"
	check 'it is down' eval '! has_call'
	check 'systemd keeps nothing when nobody uses the modem' within 5 keeps 0
}

units=(qmi-proxy)
began=$EPOCHSECONDS
modprobe -a vhci_hcd qmi_wwan option
trap remove_broker EXIT
or_end 'the units are installed' install_broker
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
or_end 'its port is there' within 30 test -e "$port"
or_end 'the modem answers' within 60 qmicli -d "$port" --device-open-direct --dms-get-model
test_start
test_kill
systemctl stop qmi-proxy.socket
check 'the broker said nothing but what systemd did to it' eval \
	"! journalctl -u qmi-proxy --since=@$began --no-pager -o cat | grep '^qmi-proxy:'"
kill "$sim"
check 'the kernel has no complaint' no_complaint
end
