#!/bin/bash
#
# In the guest: is it a stock system with what the tests for USB need, and do our qmicli and
# Debian's say the same of the same virtual modem?

. ./tap.sh

folder=$(mktemp -d)
device=$folder/cdc-wdm0

# shellcheck disable=SC2317  # check calls it
stock_kernel() { [ "$(cat /proc/sys/kernel/tainted)" = 0 ]; }

start_sim() {
	local line
	exec {ready}< <(exec qmi-sim --pty "$device" 2>"$folder/sim.log")
	sim=$!
	if ! read -r -t 20 line <&"$ready" || [ "$line" != ready ]; then
		sed 's/^/# /' "$folder/sim.log"
		return 1
	fi
}

check 'systemd is up and no unit failed' systemctl is-system-running --wait
check 'the kernel is untainted' stock_kernel
for module in vhci_hcd qmi_wwan option cdc_wdm; do
	check "modprobe $module" modprobe "$module"
done
check 'vhci_hcd has ports' test -s /sys/devices/platform/vhci_hcd.0/status

if start_sim; then report 'ok' 'qmi-sim gets ready'; else report 'not ok' 'qmi-sim gets ready'; fi
check "our qmicli answers" qmicli -d "$device" --dms-get-model
check "Debian's qmicli answers" /usr/bin/qmicli --device-open-qmi -d "$device" --dms-get-model
qmicli -d "$device" --dms-get-model >"$folder/ours"
/usr/bin/qmicli --device-open-qmi -d "$device" --dms-get-model \
	>"$folder/theirs" 2>"$folder/warnings"
same '--dms-get-model is the same from both' "$folder/ours" "$folder/theirs"
kill "$sim"
finish
