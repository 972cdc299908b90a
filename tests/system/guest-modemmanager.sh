#!/bin/bash
#
# In the guest: our ModemManager in place of Debian's; Debian's mmcli and NetworkManager are its clients and its
# judges, on a virtual modem that the stock kernel drives.

. ./guest-lib.sh

# The functions below are called by `check`.
# shellcheck disable=SC2317
connected_bearer() {
	bearer=$(value modem.generic.bearers.value\[1\])
	is bearer.status.connected yes -b "$bearer"
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
check 'mmcli disconnects it' mmcli -m "$modem" --simple-disconnect
check 'it is registered again' within 10 modem_is registered
check 'it is unplugged' ctl unplug
check 'and has gone' within 30 sh -c '/usr/bin/mmcli -L | grep -q "No modems"'
kill "$sim"
# The part that holds Debian's NetworkManager to the modem does so on our daemon now.
./guest-network.sh || failures=$((failures + 1))
check 'Debian'\''s daemon is the service again' their_daemon
end
