#!/bin/bash
#
# In the guest: what goes wrong with a modem, and Debian's ModemManager follows and comes back.

. ./guest-lib.sh

# The functions below are called by `check`.
# shellcheck disable=SC2317
lock_is() { find_modem && is modem.generic.unlock-required "$1"; }

# shellcheck disable=SC2317
unlocks() { mmcli -i "$(value modem.generic.sim)" --pin="$1"; }

# shellcheck disable=SC2317
failed_for() { find_modem && is modem.generic.state failed && is modem.generic.state-failed-reason "$1"; }

# shellcheck disable=SC2317
registration_is() { find_modem && is modem.3gpp.registration-state "$1"; }

# shellcheck disable=SC2317
is_another() { find_modem && [ "$modem" != "$1" ]; }

# usable: a modem is registered, or can be made so.
# shellcheck disable=SC2317
usable() { find_modem && mmcli -m "$modem" -e && within 10 is modem.generic.state registered; }

test_pin() {
	check 'the card asks for its PIN from the next start on' ctl card-pin pin1 enabled
	check 'the modem is reset' ctl reset
	check 'ModemManager says locked' within 60 modem_is locked
	check 'by the PIN' lock_is sim-pin
	find_modem
	check 'a wrong PIN is refused' eval '! unlocks 9999'
	check 'one try is gone' within 10 eval "mmcli -K -m $modem | grep -F 'sim-pin (2)'"
	check 'the right PIN unlocks' unlocks 1234
	check 'the modem is usable' within 60 usable
	find_modem
	check 'the PIN is not asked for any more' ctl card-pin pin1 disabled
}

# This ModemManager hears of a card only by +QUSIM and at a start; EC25s refuse the question for slots.
test_card() {
	check 'the card is taken out' ctl card-remove
	check 'ModemManager says that the network is lost' within 60 eval '! registration_is home'
	check 'the modem is reset' ctl reset
	check 'ModemManager says that the SIM is missing' within 60 failed_for sim-missing
	check 'the card is put in' ctl card-insert
	check 'the modem is usable again' within 60 usable
	find_modem
}

test_registration() {
	check 'the network refuses the modem' ctl registration denied 33
	check 'ModemManager says denied' within 30 registration_is denied
	check 'the network takes it back' ctl registration home
	check 'ModemManager says home' within 30 registration_is home
	check 'the cell is lost' ctl registration lost
	check 'ModemManager says so' within 30 eval '! registration_is home'
	check 'the cell is back' ctl registration home
	check 'ModemManager says home again' within 30 registration_is home
	check 'it is registered' within 30 modem_is registered
}

test_drop() {
	check 'it connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'the network ends the data call' ctl data-drop emm-detached
	check 'ModemManager notices' within 30 modem_is registered
	check 'it connects again' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
}

test_crash() {
	local before=$modem
	check 'the firmware crashes' ctl crash
	check 'ModemManager has another modem then' within 90 is_another "$before"
	check 'which is usable' within 60 usable
	find_modem
	check 'and connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
check 'ModemManager starts' systemctl start ModemManager
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
or_end 'the modem is usable' within 90 usable
test_pin
test_card
test_registration
test_drop
test_crash
kill "$sim"
check 'the kernel has no complaint' no_complaint
end
