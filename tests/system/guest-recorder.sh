#!/bin/bash
#
# In the guest: Debian's ModemManager under the recorder brings the virtual modem up. It speaks through
# Debian's qmi-proxy, which it starts: both are in one recording, and every message in it is known.

. ./guest-lib.sh

recording=/run/manager.pcapng
library=/opt/qmikit/bin/libqmitrace.so

# The functions below are called by `check`.
# shellcheck disable=SC2317
preloaded() {
	local pid
	pid=$(systemctl show -P MainPID ModemManager)
	grep -F "$library" "/proc/$pid/maps"
}

# shellcheck disable=SC2317
recorded_from() { qmi-trace show --json "$recording" | grep -cF "\"process\":\"$1\",\"pid\":" >/dev/null; }

# What no definition knows, and what is no frame: nothing of either. Its look for QRTR is no message.
# shellcheck disable=SC2317
all_known() {
	qmi-trace show --json "$recording" >"$folder/shown" && [ -s "$folder/shown" ] &&
		! grep -vE '"message":"[a-z]|"note":"qrtr [a-z]' "$folder/shown"
}

# Each request through the proxy has its answer.
# shellcheck disable=SC2317
requests_are_answered() {
	local requests answers
	requests=$(grep -c '"process":"ModemManager".*"type":"request"' "$folder/shown")
	answers=$(grep -c '"process":"ModemManager".*"type":"response"' "$folder/shown")
	echo "$requests requests, $answers answers"
	[ "$requests" -gt 50 ] && [ "$requests" = "$answers" ]
}

# shellcheck disable=SC2317
readable_by_root_alone() { [ "$(stat -c '%a %U' "$recording")" = '600 root' ]; }

# shellcheck disable=SC2317
records_qmicli() {
	qmi-trace record -o "$folder/qmicli.pcapng" -- /usr/bin/qmicli -d /dev/cdc-wdm0 -p --dms-get-model &&
		qmi-trace show --json "$folder/qmicli.pcapng" | grep -F '"message":"get-model"'
}

test_manager() {
	mkdir -p /run/systemd/system/ModemManager.service.d
	printf '[Service]\nEnvironment=LD_PRELOAD=%s QMITRACE_FILE=%s\n' "$library" "$recording" \
		>/run/systemd/system/ModemManager.service.d/recorder.conf
	systemctl daemon-reload
	check 'ModemManager starts again' systemctl restart ModemManager
	or_end 'it has the recorder' preloaded
	starts 'qmi-sim plugs a modem in' --usb --time-scale 0.1 --control "$control"
	or_end 'ModemManager finds the modem' within 60 find_modem
	find_modem
	or_end 'it gets as far as disabled' within 60 is modem.generic.state disabled
	check 'it is enabled' mmcli -m "$modem" -e
	or_end 'it is registered' within 60 is modem.generic.state registered
	check 'simple-connect connects' mmcli -m "$modem" --simple-connect=apn=internet --timeout=60
	check 'it disconnects' mmcli -m "$modem" --simple-disconnect
	check "Debian's qmicli is recorded by qmi-trace record" records_qmicli
}

test_recording() {
	check 'only root may read the recording' readable_by_root_alone
	check 'ModemManager is in it' recorded_from ModemManager
	check 'the proxy that it started is in it' recorded_from qmi-proxy
	check 'every message is known' all_known
	check 'each request has its answer' requests_are_answered
	echo "# $(wc -l <"$folder/shown") records, $(stat -c %s "$recording") bytes"
}

units=(ModemManager)
modprobe -a vhci_hcd qmi_wwan option
test_manager
test_recording
rm -r /run/systemd/system/ModemManager.service.d
systemctl daemon-reload
kill "$sim"
end
