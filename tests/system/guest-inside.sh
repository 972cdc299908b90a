#!/bin/bash
#
# In the guest: what the control socket and the modem's own Linux do to the modem on the bus, as the
# kernel sees it.

. ./guest-lib.sh

# The functions below are called by `check`.

# A USB device with these ids is there.
# shellcheck disable=SC2317
is_plugged() {
	local device
	for device in /sys/bus/usb/devices/*/idVendor; do
		[ "$(cat "$device"):$(cat "${device%Vendor}Product")" != "$1" ] || return 0
	done
	return 1
}

# shellcheck disable=SC2317
has_adb() { grep -l '2C7C.*icFFisc42ip01' /sys/bus/usb/devices/*/modalias; }

# shellcheck disable=SC2317
qmi_answers() { timeout 20 qmicli -d /dev/cdc-wdm0 --dms-get-model; }

# shellcheck disable=SC2317
inside() { qmi-sim shell "$control" -- sh -c "cd /sys/class/android_usb/android0 && $1"; }

test_gadget() {
	check 'adb is off' eval '! has_adb'
	# the guide's three lines, word for word
	cat >"$folder/lines" <<-'EOF'
		echo 0 > /sys/class/android_usb/android0/enable
		echo adb,diag,serial,rmnet > /sys/class/android_usb/android0/functions
		echo 1 > /sys/class/android_usb/android0/enable
	EOF
	check 'the guide'\''s lines run inside the modem' qmi-sim shell "$control" -- sh "$folder/lines"
	check 'the kernel sees adb then' within 20 has_adb
	check 'QMI is back' within 30 qmi_answers
	check 'the folder is inside alone' test ! -e /sys/class/android_usb
	check 'without rmnet' inside 'echo 0 > enable; echo diag,serial > functions; echo 1 > enable'
	check 'there is no QMI port' within 20 test ! -e /dev/cdc-wdm0
	check 'AT is there' within 20 test -c /dev/ttyUSB2
	check 'a reset' ctl reset
	check 'brings all of it back' within 60 qmi_answers
	check 'but adb' eval '! has_adb'
}

# type_at LINE WORDS: the AT port says the words to it.
# shellcheck disable=SC2317
type_at() {
	local said=
	exec 8<>/dev/ttyUSB2
	printf '%s\r' "$1" >&8
	until [[ $said == *$'\nOK\r'* || $said == *ERROR* ]] && [[ $said == *"$1"* ]]; do
		IFS= read -r -t 5 line <&8 || break
		said+=$line$'\n'
	done
	exec 8>&-
	[[ $said == *"$2"* ]] || { echo "$1: $said"; return 1; }
}

# shellcheck disable=SC2317
recording() { set -- "$folder"/trace/qmi-*.pcapng; [ -e "$1" ] && echo "$1"; }

# The trace that the guide takes inside the modem, word for word.
test_trace() {
	local file pid
	cat >"$folder/lines" <<-'EOF'
		# Using qmuxd_wrapper for tracing
		LD_PRELOAD=/home/root/qmuxd_wrapper.so atfwd_daemon
	EOF
	mkdir "$folder/trace"
	(cd "$folder/trace" && exec qmi-sim shell "$control" -- sh "$folder/lines" >"$folder/trace.log" 2>&1) &
	check 'the guide'\''s trace begins inside the modem' within 20 grep -x ready "$folder/trace.log"
	stty -F /dev/ttyUSB2 raw -echo
	check 'an AT command reaches the program on qmuxd and comes back' within 20 \
		type_at 'AT+QVERSION?' '+QVERSION: qmikit'
	check 'the recording is where it says' within 5 recording
	file=$(recording)
	pid=${file##*/qmi-}
	check 'the program ends' kill "${pid%.pcapng}"
	wait $!
	qmi-trace show "$file" >"$folder/trace.txt"
	for words in 'qmuxd allocate a client id' 'at request register-commands' 'at indication command' \
		'at request answer-command' 'qmuxd release a client id'; do
		check "the recording shows: $words" grep -F "$words" "$folder/trace.txt"
	done
	check 'nothing of it is outside' test ! -e /home/root -a ! -e /var/qmux_connect_socket
	check 'Debian'\''s tool goes on beside it' qmi_answers
}

test_bus() {
	check 'the cable is out' ctl unplug
	check 'and with it the modem' within 20 unplugged
	check 'the cable is in' ctl plug
	check 'and the modem there' within 30 qmi_answers
	check 'it crashes and comes back by its loader' ctl fault edl=50000:1
	ctl crash >"$folder/crash"
	check 'Qualcomm'\''s download mode is on the bus' within 30 is_plugged 05c6:9008
	check 'and then the modem again' within 90 qmi_answers
	check 'ECM after the next boot' ctl usb-network ecm
	ctl reset >"$folder/reset"
	check 'cdc_ether has it then' within 60 test -e /sys/bus/usb/drivers/cdc_ether/module
	check 'and QMI is gone' within 20 test ! -e /dev/cdc-wdm0
}

modprobe -a vhci_hcd qmi_wwan option
systemctl stop ModemManager NetworkManager
starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control" \
	--qmuxd /run/modem-inside
or_end 'QMI answers' within 60 qmi_answers
test_gadget
test_trace
test_bus
kill "$sim"
finish
