#!/bin/bash
#
# In the guest: our ModemManager in place of Debian's; Debian's mmcli and NetworkManager are its clients and its
# judges, on a virtual modem that the stock kernel drives.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

connected_bearer() {
	bearer=$(value modem.generic.bearers.value\[1\])
	is bearer.status.connected yes -b "$bearer"
}

# setting NAME: of the bearer's addresses.
setting() { value "bearer.ipv4-config.$1" -b "$bearer"; }

# The interface as an administrator would set it up by hand.
set_up_link() {
	ip link set wwan0 up && ip address replace "$(setting address)/$(setting prefix)" dev wwan0
}

same_bearer() { modem_is connected && [ "$(value modem.generic.bearers.value\[1\])" = "$bearer" ]; }

# Restarts the service by COMMAND... while pings go out; none may be lost.
restart_under_pings() {
	local pings
	ping -c 40 -i 0.2 -W 5 "$gateway" >"$folder/pings" &
	pings=$!
	sleep 1
	"$@" && within 30 same_bearer || return
	wait "$pings"
	cat "$folder/pings"
	grep -q ' 0% packet loss' "$folder/pings"
}

crash_daemon() { systemctl kill -s KILL ModemManager && sleep 2 && systemctl is-active ModemManager; }

# journal_has FIELD=VALUE...: in one entry of the daemon's.
journal_has() {
	local field
	journalctl --sync
	journalctl -u ModemManager -o json --no-pager >"$folder/journal"
	for field in "$@"; do
		grep "\"${field%%=*}\":\"${field#*=}\"" "$folder/journal" >"$folder/found" || return
		mv "$folder/found" "$folder/journal"
	done
}

# polkit of the guest knows ModemManager's actions: who has no session may not.
stranger_may_not() {
	! setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/bin/mmcli -m "$modem" -d >"$folder/stranger" 2>&1 &&
		grep -F 'not authorized for' "$folder/stranger"
}

units=(ModemManager NetworkManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
or_end 'our daemon runs as the service' our_daemon
starts 'qmi-sim plugs a modem in' --usb --warm --control "$control"
began=$EPOCHREALTIME
or_end 'Debian'\''s mmcli lists it' within 30 find_modem
find_modem
or_end 'it is disabled' within 30 modem_is disabled
echo "# disabled $(seconds_since "$began") s after the plug"
check 'it has the plugin for Quectel' is modem.generic.plugin quectel
check 'its ports are sorted out' within 5 test "$(mmcli -K -m any | grep -c 'ports.value.*(at)\|ports.value.*(qmi)\|ports.value.*(net)\|ports.value.*(gps)\|ports.value.*(qcdm)')" = 6
check 'mmcli enables it' mmcli -m "$modem" -e
check 'it registers' within 60 modem_is registered
check 'mmcli connects it' mmcli -m "$modem" --simple-connect=apn=internet
check 'it is connected' modem_is connected
check 'so is its bearer' connected_bearer
check 'the link takes raw IP' grep -x Y /sys/class/net/wwan0/qmi/raw_ip
bearer=$(value modem.generic.bearers.value\[1\])
gateway=$(setting gateway)
check 'its interface is set up' set_up_link
check 'a restart of the daemon loses no ping, and the bearer is the same' \
	restart_under_pings systemctl restart ModemManager
check 'nor does a crash of it' restart_under_pings crash_daemon
check 'the journal has MODEM, IMEI and PORT' journal_has MODEM=0 PORT=/dev/cdc-wdm0 \
	"IMEI=$(value modem.generic.equipment-identifier)"
check 'who has no session may not disable it' stranger_may_not
check 'mmcli disconnects it' mmcli -m "$modem" --simple-disconnect
check 'it is registered again' within 10 modem_is registered
check 'it is unplugged' ctl unplug
check 'and has gone' within 30 sh -c '/usr/bin/mmcli -L | grep -q "No modems"'
check 'it is plugged in again' ctl plug
before=$modem
check 'and is there again, under its index' within 60 modem_is disabled
check 'which is the one it had' test "$modem" = "$before"
check 'it is unplugged' ctl unplug
check 'and has gone' within 30 sh -c '/usr/bin/mmcli -L | grep -q "No modems"'
kill "$sim"
# The part that holds Debian's NetworkManager to the modem does so on our daemon now.
./guest-network.sh || failures=$((failures + 1))
check 'Debian'\''s daemon is the service again' their_daemon
end
