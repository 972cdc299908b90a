#!/bin/bash
#
# In the guest: our mmcli and Debian's on Debian's ModemManager and a virtual modem that the stock kernel drives. They
# print the same bytes, in all formats and states.

. ./guest-lib.sh

# What does not change while it is looked at.
compare() {
	local action
	check "$1: -L" same_in_all -L
	check "$1: the modem" same_in_all -m "$modem"
	check "$1: any modem" same_in_all -m any
	check "$1: the SIM" same_in_all -i any
	for action in --3gpp-profile-manager-status --3gpp-profile-manager-list --3gpp-ussd-status --location-status \
		--messaging-status --messaging-list-sms --voice-status --voice-list-calls --firmware-status \
		--firmware-list --sar-status --signal-get --oma-status; do
		check "$1: $action" same_in_all -m "$modem" "$action"
	done
}

# lists_for PROGRAM: seconds of fifty lists.
# shellcheck disable=SC2317
lists_for() {
	local began=$EPOCHREALTIME i
	for ((i = 0; i < 50; i++)); do "$1" -L >/dev/null; done
	awk "BEGIN { printf \"%.3f\", $EPOCHREALTIME - $began }"
}

lists_side_by_side() {
	local ours theirs
	theirs=$(lists_for /usr/bin/mmcli)
	ours=$(lists_for "$(type -P mmcli)")
	echo "# fifty mmcli -L: Debian's $theirs s, ours $ours s"
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
check 'ModemManager starts' systemctl start ModemManager
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
or_end 'ModemManager finds it' within 60 modem_is disabled
find_modem
compare disabled
check 'ours enables it' our_mmcli -m "$modem" -e
or_end 'it registers' within 60 modem_is registered
within 10 is modem.3gpp.packet-service-state attached >/dev/null
check 'ours connects it' our_mmcli -m "$modem" --simple-connect=apn=internet,ip-type=ipv4v6 --timeout=60
or_end 'it is connected' within 10 modem_is connected
compare connected
check 'connected: the bearer' same_in_all -b "$(value modem.generic.bearers.value\[1\])"
check 'connected: the time' within 10 same_from_both -m "$modem" --time
check 'ours makes a message' our_mmcli -m "$modem" --messaging-create-sms="number=123,text='hi, you'"
check 'the message' same_in_all -s 0
check 'the list of messages' same_in_all -m "$modem" --messaging-list-sms
lists_side_by_side
check 'ours disconnects it' our_mmcli -m "$modem" --simple-disconnect
check 'it is unplugged' ctl unplug
check 'and has gone' within 30 sh -c 'mmcli -L | grep -q "No modems"'
kill "$sim"
end
