#!/bin/bash
#
# In the guest: is it a stock system with what the tests for USB need, and do our qmicli and
# Debian's say the same of the same virtual modem, on a pty and plugged into the kernel by USB?

. ./guest-lib.sh

device=$folder/cdc-wdm0

# The functions below are called by `check`.
# shellcheck disable=SC2317
plugged_in() {
	local i
	for i in 0 1; do [ -c "/dev/cdc-wdm$i" ] && [ -d "/sys/class/net/wwan$i" ] || return; done
	for i in {0..7}; do [ -c "/dev/ttyUSB$i" ] || return; done
}

# shellcheck disable=SC2317
driver_is() { [ "$(basename "$(readlink -f "$1/driver")")" = "$2" ]; }

# shellcheck disable=SC2317
listed() {
	qmicli -L
	qmicli -L | grep -Eq "^/dev/cdc-wdm$1 +qmi_wwan +[0-9]+-[0-9.]+ +wwan$1 +Quectel EC25-EUX$"
}

# The commands of the guide, by both tools on the same modem.
compare_commands() {
	local command
	for command in dms-get-{manufacturer,model,revision,ids,capabilities,msisdn} \
		wds-get-{packet-service-status,data-bearer-technology,packet-statistics} \
		nas-get-{signal-strength,signal-info,serving-system,system-info,home-network} \
		nas-get-preferred-networks uim-get-card-status uim-get-supported-messages; do
		qmicli -d /dev/cdc-wdm0 "--$command" >"$folder/ours" 2>"$folder/our-warnings"
		/usr/bin/qmicli -d /dev/cdc-wdm0 "--$command" >"$folder/theirs" 2>"$folder/warnings"
		same "USB: --$command is the same from both" "$folder/ours" "$folder/theirs"
	done
}

# refuses TEXT COMMAND...: it fails and says so.
# shellcheck disable=SC2317  # check calls it
refuses() {
	local text=$1
	shift
	! "$@" 2>"$folder/refusal" && grep -F "$text" "$folder/refusal"
}

test_detach() {
	local port
	starts 'USB: qmi-sim plugs a modem in again' --usb --warm
	check 'USB: its node appears' within 20 test -c /dev/cdc-wdm0
	check "USB: it answers" qmicli -d /dev/cdc-wdm0 --dms-get-model
	port=$(awk '$1 == "hs" && $3 == 6 { print $2 + 0; exit }' /sys/devices/platform/vhci_hcd.0/status)
	echo "$port" >/sys/devices/platform/vhci_hcd.0/detach
	check 'USB: qmi-sim says that the kernel detached it' within 5 said 'the kernel detached it'
	check 'USB: the node vanishes' within 10 unplugged
	check 'USB: qmi-sim goes on' kill "$sim"
}

test_usb() {
	local i began=$EPOCHREALTIME
	starts 'qmi-sim plugs two modems in' --usb --warm --count 2
	check 'USB: the nodes of both appear' within 20 plugged_in
	echo "# all nodes of two modems $(awk "BEGIN { print $EPOCHREALTIME - $began }") s after the start"
	for i in {0..7}; do
		check "USB: option drives ttyUSB$i" driver_is "/sys/bus/usb-serial/devices/ttyUSB$i" option1
	done
	for i in 0 1; do
		check "USB: qmi_wwan drives wwan$i" driver_is "/sys/class/net/wwan$i/device" qmi_wwan
		check "USB: qmicli -L lists cdc-wdm$i" listed "$i"
		check "USB: our qmicli asks cdc-wdm$i" qmicli -d "/dev/cdc-wdm$i" --dms-get-model
		check "USB: Debian's qmicli asks cdc-wdm$i" \
			/usr/bin/qmicli -d "/dev/cdc-wdm$i" --dms-get-model
	done
	compare_commands
	kill "$sim"
	check 'USB: both vanish with qmi-sim' within 10 unplugged
	test_detach
	check 'USB: the kernel is untainted still' stock_kernel
	check 'USB: the kernel has no complaint' no_complaint
}

check 'systemd is up and no unit failed' systemctl is-system-running --wait
check 'the kernel is untainted' stock_kernel
check 'USB without vhci_hcd says what to do' refuses 'modprobe vhci-hcd' qmi-sim --usb
for module in vhci_hcd qmi_wwan option cdc_wdm; do
	check "modprobe $module" modprobe "$module"
done
check 'USB without root says so' refuses 'needs root' \
	setpriv --reuid 65534 --clear-groups qmi-sim --usb
check 'vhci_hcd has ports' test -s /sys/devices/platform/vhci_hcd.0/status

starts 'qmi-sim gets ready' --pty "$device"
check "our qmicli answers" qmicli -d "$device" --dms-get-model
check "Debian's qmicli answers" /usr/bin/qmicli --device-open-qmi -d "$device" --dms-get-model
qmicli -d "$device" --dms-get-model >"$folder/ours"
/usr/bin/qmicli --device-open-qmi -d "$device" --dms-get-model \
	>"$folder/theirs" 2>"$folder/warnings"
same '--dms-get-model is the same from both' "$folder/ours" "$folder/theirs"
kill "$sim"
test_usb
finish
