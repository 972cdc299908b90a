#!/bin/bash
#
# In the guest: the virtual modem as a USB device. What it can be on the bus, leaving it and coming back,
# hosts that reset it or send garbage, and the faults of the bus, as the stock kernel sees them.

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

# shellcheck disable=SC2317
ids_are() { [ "$(cat "$usb/idVendor" "$usb/idProduct" | paste -sd:)" = "$1" ]; }

# shellcheck disable=SC2317
is_away() { [ ! -e "$usb" ]; }

# shellcheck disable=SC2317
answers() { timeout 5 qmicli -d /dev/cdc-wdm0 --dms-get-model; }

# shellcheck disable=SC2317
kernel_said() { dmesg | grep -F "$1"; }

serial='option option option option'

test_modes() {
	check 'ECM is chosen for the next boot' ctl usb-network ecm
	check 'nothing changes before' interfaces_are "$serial qmi_wwan"
	check 'it is reset' ctl reset
	check 'cdc_ether binds to ECM' within 20 interfaces_are "$serial cdc_ether cdc_ether"
	check 'MBIM is chosen' ctl usb-network mbim
	check 'it is reset' ctl reset
	check 'cdc_mbim binds to MBIM' within 20 interfaces_are "$serial cdc_mbim cdc_mbim"
	check 'QMI is chosen' ctl usb-network qmi
	check 'it is reset' ctl reset
	check 'qmi_wwan binds again' within 20 interfaces_are "$serial qmi_wwan"
	check 'it answers' within 20 answers
}

test_coming_and_going() {
	check 'the cable is taken out' ctl unplug
	check 'it is away' within 5 is_away
	check 'the cable is put in' ctl plug
	check 'it is back at the same port' within 20 interfaces_are "$serial qmi_wwan"
	check 'it goes into download mode' ctl edl
	check 'the kernel sees the loader' within 20 ids_are 05c6:9008
	check 'it is switched on anew' ctl power on
	check 'it is the modem again' within 20 ids_are 2c7c:0125
	check 'it answers' within 20 answers
}

# One transfer after the other, until the node is gone.
# shellcheck disable=SC2317
pull_out_while_writing() {
	local pids=() tty
	for tty in /dev/ttyUSB{0..3}; do
		stty -F "$tty" raw -echo
		timeout 20 cat /dev/urandom >"$tty" 2>/dev/null &
		pids+=("$!")
	done
	sleep 0.5
	ctl unplug
	wait "${pids[@]}"
	ctl plug
}

test_bad_hosts() {
	local tty
	for _ in {1..8}; do
		echo 0 >$usb/bConfigurationValue
		echo 1 >$usb/bConfigurationValue
	done
	check 'it answers after SET_CONFIGURATION in a loop' within 20 answers
	for tty in /dev/ttyUSB{0..3} /dev/cdc-wdm0; do
		[ "$tty" = /dev/cdc-wdm0 ] || stty -F "$tty" raw -echo
		timeout 10 head -c 100000 /dev/urandom >"$tty"
	done
	check 'it answers after garbage on every port' within 20 answers
	check 'it is pulled out while all ports are written to' pull_out_while_writing
	check 'it answers after that' within 20 answers
	check 'the drivers have nothing to complain of' no_complaint
}

test_faults() {
	dmesg -C
	check 'a GET shall stall' ctl fault stall-answer:1
	answers >/dev/null 2>&1
	check 'the kernel says so' kernel_said 'nonzero urb status received: -EPIPE'
	check 'it answers again' within 20 answers
	check 'it shall vanish within an answer' ctl fault break-transfer=20000
	answers >/dev/null 2>&1
	check 'it is away' within 5 is_away
	check 'it is back, and answers' within 30 answers
	check 'it shall be unreadable' ctl fault no-descriptor
	check 'the kernel cannot read it' within 30 kernel_said 'device descriptor read/64, error -110'
	check 'its power is taken' ctl power off
	check 'and given back' ctl power on
	check 'it answers' within 60 answers
	dmesg -C
}

# What the rhythm costs: some fifteen requests of one process.
ask_much() {
	local began=$EPOCHREALTIME
	qmicli -d /dev/cdc-wdm0 --dms-get-model --dms-get-revision --dms-get-ids --dms-get-operating-mode \
		--nas-get-signal-info --nas-get-serving-system --wds-get-packet-service-status >/dev/null
	echo "# qmicli asks seven things with $1: $(seconds_since "$began") s"
}

check 'the drivers are there' modprobe -a vhci_hcd qmi_wwan option qcserial cdc_ether cdc_mbim
systemctl stop ModemManager
check 'more modems than ports are refused before one is plugged in' \
	eval 'timeout 10 qmi-sim --usb --count 256 2>&1 | grep -F "256 modems, but vhci_hcd has "'
check 'none was' is_away
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.05 --control "$control"
or_end 'it answers' within 20 answers
ask_much 'the rhythm of 32 ms'
test_modes
test_coming_and_going
test_bad_hosts
test_faults
kill "$sim"
check 'it is away with qmi-sim' within 10 is_away

starts 'qmi-sim plugs an EC20 in' --usb --profile ec20 --warm --no-rhythm
check 'qcserial and qmi_wwan bind' within 20 interfaces_are 'qcserial qcserial qcserial qcserial qmi_wwan'
check 'it answers without DTR' within 20 answers
ask_much 'no rhythm'
kill "$sim"
check 'it is away with qmi-sim' within 10 is_away

starts 'qmi-sim exports two modems' --usbip 3240 --count 2
check 'usbip lists them' eval 'usbip list -r 127.0.0.1 | grep -F "1-2: "'
check 'usbip attaches one' usbip attach -r 127.0.0.1 -b 1-2
check 'it answers' within 20 answers
check 'usbip detaches it' usbip detach -p 0
check 'it is away' within 10 is_away
check 'usbip attaches it again' usbip attach -r 127.0.0.1 -b 1-2
check 'it answers' within 20 answers
kill "$sim"
check 'it is away with qmi-sim' within 10 is_away
check 'the kernel is untainted still' stock_kernel
dmesg -C
finish
