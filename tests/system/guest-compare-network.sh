#!/bin/bash
#
# In the guest: Debian's ModemManager and ours beside each other, at home and abroad, refused and out of coverage, with
# other modes, bands and profiles, and with the radio off. compare-lib.sh says what is compared.

# The functions below are called by `check`.
# shellcheck disable=SC2317,SC2034

. ./compare-lib.sh

# Other forms of the same: guest-compare.sh has them.
forms=(-K)

reads_profiles=(--3gpp-profile-manager-list)
reads_refusals=(--3gpp-ussd-initiate=*100# --3gpp-register-in-operator=x)

roam() { ctl registration roaming --mcc 1 --mnc 2 && within 20 is modem.3gpp.registration-state roaming; }

come_home() { ctl registration home && within 20 is modem.3gpp.registration-state home; }

deny() { ctl registration denied 33 && within 20 is modem.3gpp.registration-state denied; }

lose() { ctl registration lost && within 60 state_among searching enabled; }

only_lte() { mmcli -m any --set-allowed-modes=4g && within 20 is modem.generic.current-modes 'allowed: 4g; preferred: none'; }

one_band() { mmcli -m any --set-current-bands='eutran-3|egsm'; }

# as they were
all_bands() {
	local bands
	bands=$(mmcli -K -m any | sed -n 's/^modem.generic.supported-bands.value.* : //p' | paste -sd '|')
	mmcli -m any --set-current-bands="$bands" && mmcli -m any --set-allowed-modes='2g|3g|4g' --set-preferred-mode=4g && becomes registered
}

new_profile() { mmcli -m any --3gpp-profile-manager-set='profile-name=work,apn=ipv4.test,ip-type=ipv4'; }

attach_with() { mmcli -m any --3gpp-set-initial-eps-bearer-settings=apn=ipv4.test,ip-type=ipv4; }

scan() { mmcli -m any --3gpp-scan --timeout=120; }

detach() { mmcli -m any --3gpp-set-packet-service-state=detached; }

attach() { mmcli -m any --3gpp-set-packet-service-state=attached; }

low_power() { mmcli -m any --set-power-state-low && within 20 is modem.generic.power-state low; }

full_power() { mmcli -m any --set-power-state-on && within 20 is modem.generic.power-state on; }

scenes() {
	plug_in
	check "$what: enable" act enable enable
	do_and_see roaming roam
	do_and_see home come_home
	do_and_see denied:refusals deny
	check "$what: it is let in" act let-in come_home
	do_and_see lost:refusals lose
	check "$what: it is found again" act found come_home
	do_and_see lte only_lte
	do_and_see bands one_band
	do_and_see all-bands all_bands
	do_and_see profile:profiles new_profile
	do_and_see attach-with:profiles attach_with
	check "$what: it looks for networks" act scan scan
	do_and_see detached detach
	do_and_see attached attach
	check "$what: disable" act disable disable
	do_and_see low low_power
	do_and_see power full_power
	do_and_see enabled-again enable
}

compare_daemons
