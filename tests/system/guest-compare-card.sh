#!/bin/bash
#
# In the guest: Debian's ModemManager and ours beside each other: without a card, with one that wants its PIN or PUK,
# one that is taken out and put in, and a modem that starts anew. compare-lib.sh says what is compared.

# The functions below are called by `check`.
# shellcheck disable=SC2317,SC2034

. ./compare-lib.sh

# Other forms of the same: guest-compare.sh has them.
forms=(-K)

reads_refusals=(-e --simple-connect=apn=internet --3gpp-scan --3gpp-register-home
	--3gpp-ussd-initiate=*100# '--messaging-create-sms=number=1,text=x' --time --get-cell-info
	--3gpp-profile-manager-list --sar-status --firmware-status --location-enable-3gpp --signal-setup=1)

start_without() { ctl unplug && within 20 unplugged && ctl card-remove && ctl plug && becomes failed; }

# Debian's sees that it has no network any more, ours that there is no card.
lose_card() { ctl card-remove && within 60 state_among failed searching; }

return_card() { ctl card-insert && within 60 state_among disabled registered; }

ask_pin() { ctl card-pin pin1 enabled --code 1234 && ctl reset && sleep 1 && becomes locked; }

wrong_pin() { ! mmcli -i any --pin=4321; }

block() { wrong_pin && wrong_pin && within 20 is modem.generic.unlock-required sim-puk; }

unblock() { mmcli -i any --puk=12345678 --pin=2222 && becomes disabled; }

change_pin() { mmcli -i any --pin=2222 --change-pin=3333; }

free() { mmcli -i any --pin=3333 --disable-pin; }

reset_it() { mmcli -m any -r && within 60 unplugged && becomes disabled; }

crash() { ctl crash 3000 && within 60 unplugged && becomes disabled; }

scenes() {
	plug_in
	do_and_see no-card:refusals start_without
	do_and_see card-in return_card
	do_and_see locked:refusals ask_pin
	do_and_see locked-wrong-pin wrong_pin
	do_and_see locked-puk block
	do_and_see unlocked unblock
	do_and_see unlocked-pin-changed change_pin
	do_and_see unlocked-pin-off free
	check "$what: enable" act enable enable
	do_and_see card-lost lose_card
	do_and_see card-back return_card
	do_and_see reset reset_it
	check "$what: enable" act enable-again enable
	do_and_see crash crash
}

compare_daemons
