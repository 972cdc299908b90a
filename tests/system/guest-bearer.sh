#!/bin/bash
#
# In the guest: what our ModemManager does with connections on a stock kernel's link: its form agreed with the modem
# whatever it was, bytes counted, two at one time on links of their own, and one that comes back with its modem.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

# bearer_is NUMBER KEY VALUE
bearer_is() { is "bearer.$2" "$3" -b "/org/freedesktop/ModemManager1/Bearer/$1"; }
of() { value "bearer.$2" -b "/org/freedesktop/ModemManager1/Bearer/$1"; }

# use_link NUMBER: sets the bearer's interface up and pings its gateway through it.
use_link() {
	local link
	link=$(of "$1" status.interface)
	ip link set "$link" up &&
		ip address replace "$(of "$1" ipv4-config.address)/$(of "$1" ipv4-config.prefix)" dev "$link" &&
		ping -c 3 -i 0.3 -W 5 -I "$link" "$(of "$1" ipv4-config.gateway)"
}

both_links() {
	[ "$(of "$first" status.interface)" != "$(of "$second" status.interface)" ] && use_link "$first" &&
		use_link "$second"
}

no_links() {
	local link
	for link in /sys/class/net/qmimux*; do
		[ ! -e "$link" ] || return
	done
}

# A link that somebody has set up for Ethernet frames.
wrong_form() {
	ip link set wwan0 down && echo N >/sys/class/net/wwan0/qmi/raw_ip && ip link set wwan0 up &&
		grep -x N /sys/class/net/wwan0/qmi/raw_ip
}

# 252 bytes are three pings.
counted() {
	[ "$(of "$plain" stats.total-bytes-rx)" -ge 252 ] && [ "$(of "$plain" stats.total-bytes-tx)" -ge 252 ]
}

# newest: the number of the bearer that was made last.
newest() { value 'modem.generic.bearers.value[1]' | sed 's,.*/,,'; }

# create WORDS: a bearer beside the others.
create() { mmcli -m "$modem" --create-bearer="$1"; }

units=(ModemManager)
systemctl stop NetworkManager
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
or_end 'our daemon runs as the service' our_daemon
starts 'qmi-sim plugs a modem in' --usb --warm --control "$control"
or_end 'it is disabled' within 60 modem_is disabled
find_modem
check 'mmcli enables it' mmcli -m "$modem" -e
check 'it registers' within 60 modem_is registered
check 'its link is up in the wrong form' wrong_form
check 'mmcli connects it' mmcli -m "$modem" --simple-connect=apn=internet
plain=$(newest)
check 'the form is the modem'\''s' grep -x Y /sys/class/net/wwan0/qmi/raw_ip
check 'packets pass' use_link "$plain"
check 'mmcli disconnects it' mmcli -m "$modem" --simple-disconnect
check 'what passed was counted' counted
check 'a bearer shares the link' create apn=internet,multiplex=required
first=$(newest)
check 'and comes up' mmcli -b "$first" --connect
check 'another is made' create apn=ims,multiplex=required
second=$(newest)
check 'and comes up beside it' mmcli -b "$second" --connect
check 'both are multiplexed' bearer_is "$first" status.multiplexed yes
check 'and pass packets on links of their own' both_links
check 'one goes down' mmcli -b "$second" --disconnect
check 'the other stays' use_link "$first"
check 'a restart of the daemon leaves it' systemctl restart ModemManager
check 'up' within 30 modem_is connected
check 'and working' use_link "$first"
check 'the modem resets' ctl reset
check 'and has gone' within 30 sh -c '/usr/bin/mmcli -L | grep -q "No modems"'
check 'it comes back connected' within 90 modem_is connected
check 'by the same bearer' bearer_is "$first" status.connected yes
check 'which passes packets' use_link "$first"
check 'it goes down' mmcli -m "$modem" --simple-disconnect
check 'with its link' no_links
check 'the link is one bearer'\''s again' mmcli -m "$modem" --simple-connect=apn=internet
check 'and passes packets' use_link "$(newest)"
check 'it is disabled' mmcli -m "$modem" -d
check 'and no bearer is up' within 5 modem_is disabled
check 'no driver complains' no_complaint
kill "$sim"
check 'Debian'\''s daemon is the service again' their_daemon
end
