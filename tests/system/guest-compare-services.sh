#!/bin/bash
#
# In the guest: Debian's ModemManager and ours beside each other, with messages, calls, codes of USSD, positions and
# values of the signal. compare-lib.sh says what is compared.

# The functions below are called by `check`.
# shellcheck disable=SC2317,SC2034

. ./compare-lib.sh

# Other forms of the same: guest-compare.sh has them.
forms=(-K)

reads_ussd=(--3gpp-ussd-status)
reads_calls=(--voice-status --voice-query-call-waiting)

# --- Messages

newest_message() { mmcli -m any --messaging-list-sms | grep -o '/org[^ ]*/SMS/[0-9]*' | sort -V | tail -n 1; }

receive() {
	ctl sms +4915550100 'Hello modem' && ctl sms +4915550101 "$(printf 'long %.0s' {1..60})" &&
		within 10 lists --messaging-list-sms 2 received
}

create_message() {
	mmcli -m any --messaging-create-sms="number=+4915550103,text='Grüße',delivery-report-request=yes,validity=10"
}

store_message() { mmcli -s "$(newest_message)" --store-in-storage=me; }

send_message() { mmcli -s "$(newest_message)" --send --timeout=60; }

fail_to_send() {
	ctl sms-fail && mmcli -m any --messaging-create-sms="number=+4915550104,text='a second one'" &&
		! send_message
}

delete_messages() {
	local path
	for path in $(mmcli -m any --messaging-list-sms | grep -o '/org[^ ]*/SMS/[0-9]*'); do
		mmcli -m any --messaging-delete-sms="$path" || return
	done
}

# --- Calls

newest_call() { mmcli -m any --voice-list-calls | grep -o '/org[^ ]*/Call/[0-9]*' | sort -V | tail -n 1; }

call_is() { within 20 lists --voice-list-calls 1 "$1"; }

# which waits to be answered
get_call() { ctl time-scale 2 && ctl call +4915550102 && call_is ringing-in; }

accept_call() { mmcli -o "$(newest_call)" --accept && call_is active; }

remote_ends() { { ctl call-remote hang-up || true; } && call_is terminated; }

dial() {
	mmcli -m any --voice-delete-call="$(newest_call)" && mmcli -m any --voice-create-call=number=+4915550105 &&
		mmcli -o "$(newest_call)" --start && call_is active
}

hang_up() { mmcli -o "$(newest_call)" --hangup && call_is terminated; }

# --- USSD

initiate() { ctl time-scale 1 && mmcli -m any --3gpp-ussd-initiate='*100#'; }

ussd_is() { mmcli -K -m any --3gpp-ussd-status | grep "status *: $1"; }

be_asked() { ctl ussd 'Which one?' true && within 10 ussd_is user-response; }

cancel() { mmcli -m any --3gpp-ussd-cancel && within 10 ussd_is idle; }

# --- Position and signal

locate_cell() { mmcli -m any --location-enable-3gpp; }

locate() {
	local kind
	ctl time-scale 0.1
	for kind in gps-raw gps-nmea; do mmcli -m any "--location-enable-$kind" || return; done
	within 30 sh -c '/usr/bin/mmcli -K -m any --location-get | grep -q "gps.latitude *: [0-9-]*[0-9]"'
}

leave_position() {
	local kind
	for kind in gps-raw gps-nmea; do mmcli -m any "--location-disable-$kind" || return; done
	mmcli -m any --location-enable-gps-unmanaged
}

measure() { mmcli -m any --signal-setup=1 && ctl signal --rsrp -122 --rsrq -17 && sleep 2; }

good_again() { mmcli -m any --signal-setup=0 && ctl signal --rsrp -95 --rsrq -9; }

scenes() {
	plug_in
	check "$what: enable" act enable enable
	do_and_see received receive
	do_and_see created create_message
	do_and_see stored store_message
	do_and_see sent send_message
	do_and_see not-sent fail_to_send
	do_and_see deleted delete_messages
	do_and_see ringing:calls get_call
	do_and_see accepted accept_call
	do_and_see call-ended remote_ends
	do_and_see dialled dial
	do_and_see hung-up hang_up
	do_and_see code:ussd initiate
	do_and_see asked:ussd be_asked
	do_and_see cancelled:ussd cancel
	do_and_see cell locate_cell
	do_and_see position locate
	do_and_see unmanaged leave_position
	do_and_see weak measure
	check "$what: a good signal" act good good_again
	do_and_see disabled disable
}

compare_daemons
