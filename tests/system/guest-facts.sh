#!/bin/bash
#
# In the guest: the modem as an administrator of a real EC25 knows it. What it is on the bus by AT, what
# ModemManager shows of it field by field, the PINs by mmcli, and calls that outlive Debian's qmicli.

. ./guest-lib.sh

usb=/sys/bus/usb/devices/1-1

# The functions below are called by `check`.
# shellcheck disable=SC2317
interfaces_are() {
	local interface now=''
	for interface in "$usb":1.*; do
		now+="${now:+ }$(basename "$(readlink "$interface/driver" || echo -)")"
	done
	[ "$now" = "$1" ] || { echo "$now"; return 1; }
}

# at PORT COMMAND: its answer; good when that ends with OK.
# shellcheck disable=SC2317
at() {
	local port=/dev/ttyUSB$1 line=''
	stty -F "$port" raw -echo && exec 7<>"$port" || return
	printf '%s\r' "$2" >&7
	while read -r -t 10 line <&7; do
		line=${line//$'\r'/}
		echo "$line"
		[[ $line != OK && $line != *ERROR* ]] || break
	done
	exec 7>&-
	[ "$line" = OK ]
}

# says PORT COMMAND LINE: that line is in the answer.
# shellcheck disable=SC2317
says() {
	at "$1" "$2" >"$folder/answer"
	grep -Fx "$3" "$folder/answer" || { cat "$folder/answer"; return 1; }
}

# What the AT port says by itself until the radio is on, from the first moment that it is there.
# shellcheck disable=SC2317
boots_with() {
	local line
	within 60 test -c /dev/ttyUSB2 && stty -F /dev/ttyUSB2 raw -echo && exec 7<>/dev/ttyUSB2 || return
	while read -r -t 20 line <&7; do
		line=${line//$'\r'/}
		[ -z "$line" ] || echo "$line"
		[ "$line" != '+CFUN: 1' ] || break
	done >"$folder/block"
	exec 7>&-
	printf '%s\n' "$@" | diff - "$folder/block"
}

# shellcheck disable=SC2317
is_away() { [ ! -e "$usb" ]; }

# restarts PORT: by AT. Its OK may be gone with the port before this reads it.
restarts() {
	at "$1" AT+CFUN=1,1 >"$folder/answer"
	check 'AT+CFUN=1,1 takes the modem off the bus' within 20 is_away
}

serial='option option option option'

test_composition() {
	check 'AT shows QMI' says 2 'AT+QCFG="usbnet"' '+QCFG: "usbnet",0'
	check 'AT chooses ECM' at 2 'AT+QCFG="usbnet",1'
	restarts 2
	check 'cdc_ether binds' within 60 interfaces_are "$serial cdc_ether cdc_ether"
	check 'AT goes back to QMI' at 2 'AT+QCFG="usbnet",0'
	check 'AT takes NMEA away and adds ADB' at 2 'AT+QCFG="usbcfg",0x2C7C,0x125,1,0,1,1,1,1,0'
	restarts 2
	check 'the others have moved up' within 60 interfaces_are 'option option option qmi_wwan -'
	check 'ADB is the last' grep -qx 'usb:v2C7Cp0125d0318dcEFdsc02dp01icFFisc42ip01in04' "$usb:1.4/modalias"
	check 'AT undoes that' at 1 'AT+QCFG="usbcfg",0x2C7C,0x125,1,1,1,1,1,0,0'
	restarts 1
	check 'it is as delivered' within 60 interfaces_are "$serial qmi_wwan"
}

test_power() {
	check 'AT+QPOWD is taken' at 2 AT+QPOWD
	check 'and takes the modem off the bus' within 20 is_away
	sleep 2
	check 'where it stays' is_away
	check 'until it has power again' ctl power on
	check 'it answers' within 60 /usr/bin/qmicli -d /dev/cdc-wdm0 --dms-get-model
}

# shellcheck disable=SC2317
refused() { ! "$@"; }

# starts_call OPTION...: sets cid and handle of a call that outlives the tool.
# shellcheck disable=SC2317
starts_call() {
	/usr/bin/qmicli -d /dev/cdc-wdm0 "$@" --wds-start-network=apn=internet,ip-type=4 \
		--client-no-release-cid | tee "$folder/call"
	cid=$(sed -n "s/.*CID: '\(.*\)'.*/\1/p" "$folder/call")
	handle=$(sed -n "s/.*handle: '\(.*\)'.*/\1/p" "$folder/call")
	[ -n "$cid" ] && [ -n "$handle" ]
}

# shellcheck disable=SC2317
connection_is() {
	/usr/bin/qmicli -d /dev/cdc-wdm0 "${@:2}" --wds-get-packet-service-status | grep -F "'$1'"
}

# stops_call OPTION...
# shellcheck disable=SC2317
stops_call() { /usr/bin/qmicli -d /dev/cdc-wdm0 "$@" "--client-cid=$cid" "--wds-stop-network=$handle"; }

# call_outlives NAME OPTION...
call_outlives() {
	local name=$1
	shift
	starts_call "$@" >"$folder/started" 2>&1
	check "$name: qmicli starts a call and leaves it" test -n "$handle"
	check "$name: it is up when another one asks" connection_is connected "$@"
	check "$name: another one ends it" stops_call "$@"
	check "$name: it is down" connection_is disconnected "$@"
}

# shows FILE KEY VALUE...: what mmcli says of the object whose -K output that is.
# shellcheck disable=SC2317
shows() {
	local file=$1 failed=0
	shift
	while [ $# -ge 2 ]; do
		grep -Eq "^$1 *: $2$" "$file" || { grep -E "^$1 " "$file"; echo "$1: not $2"; failed=1; }
		shift 2
	done
	return "$failed"
}

# shellcheck disable=SC2317
bands_are() {
	[ "$(mmcli -K -m "$modem" | sed -n "s/^modem.generic.$1-bands.value.*: //p" | paste -sd' ')" = "$2" ]
}

test_fields() {
	local bands='egsm dcs utran-1 utran-8' band
	for band in 1 3 7 8 20 28 38 40 41; do bands+=" eutran-$band"; done
	mmcli -K -m "$modem" >"$folder/modem"
	check 'the hardware' shows "$folder/modem" modem.generic.manufacturer 'QUALCOMM INCORPORATED' \
		modem.generic.model 'QUECTEL Mobile Broadband Module' \
		modem.generic.revision 'EC25EUXGAR08A05M1G' \
		modem.generic.carrier-configuration 'ROW_Generic_3GPP' \
		modem.generic.carrier-configuration-revision '0501081F' \
		modem.generic.hardware-revision 10000 \
		'modem.generic.current-capabilities.value\[1\]' 'gsm-umts, lte'
	check 'its bands' bands_are supported "$bands"
	check 'its modes' shows "$folder/modem" modem.generic.supported-modes.length 12 \
		modem.generic.current-modes 'allowed: 2g, 3g, 4g; preferred: 4g'
	check 'locks, EPS and packet service' shows "$folder/modem" modem.generic.unlock-required sim-pin2 \
		'modem.3gpp.enabled-locks.value\[1\]' fixed-dialing \
		modem.3gpp.eps.ue-mode-operation csps-2 \
		modem.3gpp.eps.initial-bearer.settings.ip-type ipv4v6 \
		modem.3gpp.packet-service-state attached modem.3gpp.registration-state home
	mmcli -K -m "$modem" --location-get >"$folder/location"
	check 'the cell has a tracking area and no location area' shows "$folder/location" \
		modem.location.3gpp.lac FFFE modem.location.3gpp.tac 001234
	check 'the firmware' eval "mmcli -m $modem --firmware-status | grep -F EC25EUXGAR08A05M1G_01.001.01.001"
}

# shellcheck disable=SC2317
operator_is() { is modem.generic.state registered && is modem.3gpp.operator-code "$1"; }

# shellcheck disable=SC2317
found_by_scan() { mmcli -m "$modem" --3gpp-scan --timeout=120 | grep -F "$1"; }

test_choices() {
	check 'a scan finds the others' found_by_scan '00103 - Test PLMN 1-3 (lte, forbidden)'
	check 'the other network by hand' mmcli -m "$modem" --3gpp-register-in-operator=00102 --timeout=90
	check 'is what it is registered in' within 20 operator_is 00102
	check 'a forbidden one refuses' refused mmcli -m "$modem" --3gpp-register-in-operator=00103 --timeout=90
	check 'automatically' mmcli -m "$modem" --3gpp-register-home --timeout=90
	check 'it is home' within 20 operator_is 00101
	check 'modes are set' mmcli -m "$modem" --set-allowed-modes='3g|4g' --set-preferred-mode=4g
	check 'and shown' within 10 is modem.generic.current-modes 'allowed: 3g, 4g; preferred: 4g'
	check 'and set back' mmcli -m "$modem" --set-allowed-modes='2g|3g|4g' --set-preferred-mode=4g
	check 'bands are set' mmcli -m "$modem" --set-current-bands='eutran-3|eutran-20'
	check 'and shown' within 10 bands_are current 'eutran-3 eutran-20'
	check 'and set back' mmcli -m "$modem" --set-current-bands=any
	check 'it is home still' within 20 operator_is 00101
	check 'USSD' eval "mmcli -m $modem --3gpp-ussd-initiate='*100#' | grep -F 'Your balance'"
}

# both_answer BEARER: the gateways of both families do.
# shellcheck disable=SC2317
both_answer() {
	local family ip interface
	interface=$(value bearer.status.interface -b "$1")
	ip link set "$interface" up
	for family in 4 6; do
		ip=$(value "bearer.ipv$family-config.address" -b "$1")/$(value "bearer.ipv$family-config.prefix" -b "$1")
		ip "-$family" addr replace "$ip" dev "$interface" || return
		ping "-$family" -c 2 -i 0.3 -W 5 -I "$interface" \
			"$(value "bearer.ipv$family-config.gateway" -b "$1")" || return
	done
}

test_families() {
	check 'it connects for both families' \
		mmcli -m "$modem" --simple-connect=apn=internet,ip-type=ipv4v6 --timeout=60
	check 'both gateways answer' both_answer "$(value 'modem.generic.bearers.value[1]')"
	check 'it disconnects' mmcli -m "$modem" --simple-disconnect
}

# shellcheck disable=SC2317
tries() { mmcli -K -m "$modem" | grep -F "$1"; }

test_pins() {
	local sim
	sim=$(value modem.generic.sim)
	check 'the PIN is asked for' mmcli -i "$sim" --enable-pin --pin=1234
	check 'it is changed' mmcli -i "$sim" --change-pin=4321 --pin=1234
	check 'a wrong one changes nothing' refused mmcli -i "$sim" --change-pin=1111 --pin=9999
	check 'and costs a try' within 10 tries 'sim-pin (2)'
	check 'the modem is reset' mmcli -m "$modem" -r
	check 'it is locked' within 90 modem_is locked
	find_modem
	sim=$(value modem.generic.sim)
	for pin in 1111 2222; do mmcli -i "$sim" --pin=$pin >/dev/null 2>&1; done
	check 'wrong ones lock it by the PUK' within 20 is modem.generic.unlock-required sim-puk
	check 'a wrong PUK is refused' refused mmcli -i "$sim" --puk=11111111 --pin=1234
	check 'and costs a try' within 10 tries 'sim-puk (9)'
	check 'the right one unlocks it' mmcli -i "$sim" --puk=12345678 --pin=1234
	check 'it is not locked any more' within 60 modem_is disabled
	find_modem
	check 'the PIN is not asked for any more' \
		mmcli -i "$(value modem.generic.sim)" --disable-pin --pin=1234
}

modprobe -a vhci_hcd qmi_wwan option cdc_ether
systemctl stop ModemManager NetworkManager
starts 'qmi-sim plugs a modem in' --usb --time-scale 4 # so that the port is open before RDY
check 'the AT port says how the modem boots' boots_with RDY '+CPIN: READY' '+QUSIM: 1' '+CFUN: 1'
kill "$sim"
check 'it goes' within 20 is_away
starts 'qmi-sim plugs another in' --usb --time-scale 0.1 --control "$control"
or_end 'it is there' within 60 interfaces_are "$serial qmi_wwan"
test_composition
test_power
call_outlives 'by the port'
call_outlives 'by the proxy' -p
units=(ModemManager)
check 'ModemManager starts' systemctl start ModemManager
or_end 'it has the modem' within 60 modem_is disabled
find_modem
check 'it is enabled' mmcli -m "$modem" -e
or_end 'it is registered' within 60 is modem.generic.state registered
test_fields
test_choices
test_families
test_pins
kill "$sim"
check 'the kernel has no complaint' no_complaint
end
