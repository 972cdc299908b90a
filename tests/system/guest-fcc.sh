#!/bin/bash
#
# In the guest: a modem that its laptop has to vouch for before it may transmit. Debian's ModemManager and ours both
# find it locked, run the script that Debian ships for that, and go on.

# The functions are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

scripts=/etc/ModemManager/fcc-unlock.d
units=(ModemManager)

# Which of those that ModemManager ships an administrator allows.
allow() {
	mkdir -p $scripts && ln -s /usr/share/ModemManager/fcc-unlock.available.d/1199 "$scripts/2c7c:0125"
}
forbid() { rm -f "$scripts/2c7c:0125"; }

stays_off() {
	local said
	said=$(mmcli -m "$modem" -e 2>&1) && return 1
	echo "$said"
	grep -Ei 'invalid ?transition' <<<"$said" && modem_is disabled
}

is_unlocked() { find_modem && mmcli -m "$modem" -e && within 60 modem_is registered; }

test_daemon() {
	forbid
	or_end "$1 finds the modem" within 90 modem_is disabled
	find_modem
	check "$1: a radio that is locked stays off" stays_off
	allow
	check "$1: the script unlocks it" is_unlocked
	check 'it is locked again after a reset' ctl reset
	check 'the modem is back' within 90 modem_is disabled
	check 'and is unlocked again' is_unlocked
	forbid
}

modprobe -a vhci_hcd qmi_wwan option
trap 'forbid; remove_daemon' EXIT
cat >"$folder/laptop.json" <<'.'
{"base": "ec25-eux", "name": "laptop", "power": {"fcc-lock": "dms", "certainty": {"fcc-lock": "C"}}}
.
systemctl start ModemManager
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control" --profile "$folder/laptop.json"
test_daemon 'Debian'\''s ModemManager'
ctl power off >/dev/null
or_end 'our daemon runs as the service' our_daemon
ctl power on >/dev/null
test_daemon 'ours'
end
