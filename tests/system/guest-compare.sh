#!/bin/bash
#
# In the guest: Debian's ModemManager and ours beside each other, from a modem that is plugged in to connections by
# IPv4, by IPv6 and by both. compare-lib.sh says what is compared.

# The functions below are called by `check`.
# shellcheck disable=SC2317,SC2034

. ./compare-lib.sh

reads_manager=(--sar-status --3gpp-scan --3gpp-ussd-initiate=*100# --command=ATI --3gpp-register-home --signal-setup=5
	--firmware-select=x --set-primary-sim-slot=2 --simple-disconnect --set-power-state-on --location-enable-cdma-bs)

get_message() {
	ctl sms +4915550100 'Hello modem' && ctl sms +4915550101 "$(printf 'long %.0s' {1..60})" &&
		within 10 lists --messaging-list-sms 2 received
}

# Of bearers: the one that was made last.
newest_bearer() { value modem.generic.bearers.value\[1\]; }

refused() { ! mmcli -m any --simple-connect="$1" --timeout=60 && becomes registered; }

make_bearer() { mmcli -m any --create-bearer='apn=secure.test,user=user,password=password,allowed-auth=chap'; }

connect_bearer() { mmcli -b "$(newest_bearer)" --connect && becomes connected; }

delete_bearers() { mmcli -m any --delete-bearer="$(newest_bearer)"; }

disable_connected() { disable; }

drop() { mmcli -m any --simple-disconnect && becomes registered; }

scenes() {
	see nothing
	plug_in
	see plugged manager
	do_and_see enable enable
	do_and_see message get_message
	do_and_see connect connect apn=internet
	do_and_see disconnect disconnect
	do_and_see connect-6 connect apn=internet,ip-type=ipv6
	check "$what: disconnect" act disconnect-6 disconnect
	do_and_see connect-both:thoroughly connect apn=internet,ip-type=ipv4v6
	check "$what: disconnect" act disconnect-both disconnect
	do_and_see refused refused apn=unsubscribed.test
	check "$what: the bearer is removed" act delete delete_bearers
	do_and_see bearer make_bearer
	do_and_see bearer-connected connect_bearer
	do_and_see disable disable_connected
}

compare_daemons
