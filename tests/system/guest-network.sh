#!/bin/bash
#
# In the guest: Debian's NetworkManager brings a gsm connection up by itself, over ModemManager and the
# virtual modem, and again after the modem has crashed.

. ./guest-lib.sh

# The functions below are called by `check`.
# shellcheck disable=SC2317
connected() { nmcli -t -f STATE,CONNECTION device | grep -x 'connected:cellular'; }

# shellcheck disable=SC2317
routed() { ip -4 route show default | grep -F 'dev wwan0'; }

# shellcheck disable=SC2317
resolved() { nmcli -t -f IP4.DNS device show cdc-wdm0 | grep .; }

# shellcheck disable=SC2317
gateway() { nmcli -t -g IP4.GATEWAY device show cdc-wdm0; }

# shellcheck disable=SC2317
fetches() {
	local gateway
	gateway=$(gateway)
	ping -c 1 -W 5 "$gateway" &&
		http_get "$gateway" 8081 random >"$folder/fetched" &&
		cmp "$folder/fetched" /run/www-nm/random
}

# The guide's plain line, of which ModemManager, whichever it is, takes no harm.
# shellcheck disable=SC2317
beside() {
	local command
	for command in dms-get-model nas-get-signal-info wds-get-packet-service-status uim-get-card-status; do
		qmicli -d /dev/cdc-wdm0 "--$command" || return
	done
	qmicli -d /dev/cdc-wdm0 --verbose --dms-noop 2>&1 | grep -F internal-proxy-open
}

units=(NetworkManager ModemManager)
modprobe -a vhci_hcd qmi_wwan option
mkdir -p /run/www-nm
head -c 10000000 /dev/urandom >/run/www-nm/random
serve 127.0.0.1:8081 /run/www-nm
check 'NetworkManager starts' systemctl start NetworkManager ModemManager
check 'it takes a gsm connection' nmcli connection add type gsm con-name cellular ifname '*' apn internet \
	connection.autoconnect yes
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
began=$EPOCHREALTIME
or_end 'NetworkManager connects by itself' within 120 connected
echo "# connected $(seconds_since "$began") s after the plug"
check 'the default route goes through wwan0' routed
check 'it has name servers' resolved
check 'plain qmicli works beside it, through its broker' beside
check '10 MB arrive unharmed' fetches
check 'the modem crashes' ctl crash
check 'the connection is lost' within 30 eval '! connected'
check 'NetworkManager connects again by itself' within 120 connected
check '10 MB arrive unharmed again' fetches
nmcli connection delete cellular >"$folder/deleted"
kill "$sim"
end
