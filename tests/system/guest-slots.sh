#!/bin/bash
#
# In the guest: a modem with two slots for SIMs, under Debian's ModemManager and ours. The two mmclis print the same
# bytes of it; Debian's reads the same of both daemons; a switch of slots is the same to who watches.

# The functions below are called by `check`.
# shellcheck disable=SC2317

. ./guest-lib.sh

# slot_path N: the SIM of a slot.
slot_path() { value "modem.generic.sim-slots.value[$1]"; }

in_use() { find_modem && [ "$(value modem.generic.primary-sim-slot)" = "$1" ] && modem_is "${2-disabled}"; }

# Both on the same daemon.
compare() {
	check "$1: the modem" same_in_all -m any
	check "$1: the first SIM" same_in_all -i "$(slot_path 1)"
	check "$1: the second SIM" same_in_all -i "$(slot_path 2)"
}

# Paths by what they are.
by_slot() {
	sed -e "s,$(slot_path 1)\$,SLOT-1," -e "s,$(slot_path 2)\$,SLOT-2," -e "s,$modem\$,MODEM,"
}

# see SCENE: what Debian's mmcli reads of the slots; what ours knows beyond that is left out.
see() {
	local key number
	mkdir -p "$side"
	{
		for key in modem.generic.state modem.generic.sim modem.generic.primary-sim-slot 'modem.generic.sim-slots\.' \
			modem.generic.unlock-required modem.generic.own-numbers modem.3gpp.imei; do
			mmcli -K -m "$modem" | grep "^$key" | by_slot
		done
		for number in 1 2; do
			mmcli -K -i "$(slot_path "$number")" | by_slot |
				grep -v -e '\.sim-type ' -e '\.esim-status ' -e emergency-numbers
		done
	} >"$side/$1"
}

# walk SIDE WHOSE
walk() {
	side=$folder/$1
	starts "$2: a modem with two slots is plugged in" --usb --warm --time-scale 0.1 --profile ep06-e --control "$control"
	or_end "$2: the first slot is in use" within 60 in_use 1
	find_modem
	see first
	compare "$2, slot 1"
	index=$modem
	check "$2: our mmcli chooses the second" our_mmcli -m "$modem" --set-primary-sim-slot=2
	or_end "$2: it is in use" within 60 in_use 2
	find_modem
	check "$2: the modem was begun anew" begun_anew "$1"
	see second
	compare "$2, slot 2"
	check "$2: Debian's mmcli chooses the first" mmcli -m "$modem" --set-primary-sim-slot=1
	or_end "$2: that is in use" within 60 in_use 1
	find_modem
	check "$2: a third there is not" fails_alike -m "$modem" --set-primary-sim-slot=3
	check "$2: somebody else chooses the second" ctl card-slot 2
	or_end "$2: and it is used" within 60 in_use 2
	find_modem
	check "$2: it is enabled" mmcli -m "$modem" -e
	check "$2: and registers" within 60 modem_is registered
	kill "$sim"
	wait "$sim"
}

# Debian's has another index then, ours the same.
begun_anew() { if [ "$1" = theirs ]; then [ "$modem" != "$index" ]; else [ "$modem" = "$index" ]; fi; }

# Both say no.
fails_alike() { ! mmcli "$@" 2>"$folder/complaint" && ! our_mmcli "$@" && grep -q Core.InvalidArgs "$folder/complaint"; }

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
trap remove_daemon EXIT
check "Debian's daemon starts" systemctl start ModemManager
walk theirs "Debian's"
check 'the modem has gone' within 20 unplugged
or_end 'our daemon runs in its place' our_daemon
walk ours 'ours'
check 'with the first slot the same is read of both' diff "$folder/theirs/first" "$folder/ours/first"
check 'with the second slot, too' diff "$folder/theirs/second" "$folder/ours/second"
end
